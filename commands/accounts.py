"""What may be done to an account, and what it then turns into."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.base import Claim, Command, Context, Decider, Secret
from events.accounts import (
    AccountDeactivated,
    AccountEvent,
    AccountReactivated,
    AccountRegistered,
    EmailChanged,
    IdentityLinked,
    PasswordChanged,
    ProfileChanged,
)
from events.base import Fact
from events.locales import normal_locale
from events.refusals import Conflict, Forbidden, NotFound
from events.zones import known_zone

_PROFILE = ("full_name", "username", "avatar_url", "time_zone", "locale")
IDENTITY = "identity"
PASSWORD = "password"  # noqa: S105 - the kind of a secret


class RegisterAccount(Command, frozen=True, kw_only=True):
    """Without a password nobody can sign in: so for accounts that others vouch for."""

    email: str
    username: str | None = None
    full_name: str
    password_hash: bytes | None = None


class ChangeProfile(Command, frozen=True, kw_only=True):
    """What is UNSET stays as it is; None clears."""

    full_name: str | UnsetType = UNSET
    username: str | None | UnsetType = UNSET
    avatar_url: str | None | UnsetType = UNSET
    time_zone: str | None | UnsetType = UNSET
    locale: str | None | UnsetType = UNSET


class ChangeEmail(Command, frozen=True, kw_only=True):
    email: str


class ChangePassword(Command, frozen=True, kw_only=True):
    password_hash: bytes


class ConfirmPassword(Command, frozen=True, kw_only=True):
    """Changes nothing; what is appended with it stands only if the password that was checked
    is still the account's: it had been changed `password_changes` times by then. `rehashed` is
    the same password's hash, where an older system's is to be replaced."""

    quiet: ClassVar[bool] = True
    password_changes: int
    rehashed: bytes | None = None


class DeactivateAccount(Command, frozen=True):
    """Nobody can sign in to it any more, and everybody who was is signed out."""


class ReactivateAccount(Command, frozen=True):
    """Given with the password only, so `ConfirmPassword` comes next."""


class DisableAccount(Command, frozen=True):
    """Given by nobody but an operator, like the next: its person is kept out."""


class EnableAccount(Command, frozen=True):
    pass


class LinkIdentity(Command, frozen=True, kw_only=True):
    """From now on the account is that of whom `issuer` knows as `subject`."""

    issuer: str
    subject: str


AccountCommand = (
    RegisterAccount
    | ChangeProfile
    | ChangeEmail
    | ChangePassword
    | ConfirmPassword
    | DeactivateAccount
    | ReactivateAccount
    | DisableAccount
    | EnableAccount
    | LinkIdentity
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`password_changes` also counts deactivations, which end sessions too; `kept` is the one
    that outlived the last of them."""

    exists: bool = False
    active: bool = True
    locked: bool = False
    email: str = ""
    username: str | None = None
    full_name: str = ""
    avatar_url: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    password_changes: int = 0
    kept: UUID | None = None
    identities: frozenset[tuple[str, str]] = frozenset()


def evolve(account: Account, event: AccountEvent, at: datetime) -> Account:
    match event:
        case AccountRegistered():
            account = replace(account, exists=True, email=event.email)
            return replace(account, username=event.username, full_name=event.full_name)
        case ProfileChanged():
            return replace(account, **_given(event))
        case EmailChanged():
            return replace(account, email=event.email)
        case PasswordChanged():
            changes = account.password_changes + 1
            return replace(account, password_changes=changes, kept=event.kept)
        case AccountDeactivated():
            changes = account.password_changes + 1
            account = replace(account, active=False, locked=event.locked)
            return replace(account, password_changes=changes, kept=None)
        case AccountReactivated():
            return replace(account, active=True, locked=False)
        case IdentityLinked():
            linked = account.identities | {(event.issuer, event.subject)}
            return replace(account, identities=linked)


def decide(command: AccountCommand, account: Account, context: Context) -> Sequence[Fact]:
    by_operator = isinstance(command, DisableAccount | EnableAccount)
    if context.caller.account != (None if by_operator else command.stream):
        raise NotFound("there is no such account")
    if isinstance(command, RegisterAccount):
        return register(command, account)
    if not account.exists:
        raise NotFound("there is no such account")
    match command:
        case ChangeProfile():
            return change_profile(command, account)
        case ChangeEmail():
            return [] if command.email == account.email else [EmailChanged(email=command.email)]
        case ChangePassword():
            return [PasswordChanged(kept=context.caller.session)]
        case ConfirmPassword():
            return confirm(command, account)
        case DeactivateAccount():
            return [AccountDeactivated()] if account.active else []
        case ReactivateAccount():
            _demand_unlocked(account)
            return [] if account.active else [AccountReactivated()]
        case DisableAccount():
            return [] if account.locked else [AccountDeactivated(locked=True)]
        case EnableAccount():
            return [] if account.active else [AccountReactivated()]
        case LinkIdentity(issuer=issuer, subject=subject):
            known = (issuer, subject) in account.identities
            return [] if known else [IdentityLinked(issuer=issuer, subject=subject)]


def register(command: RegisterAccount, account: Account) -> Sequence[Fact]:
    if account.exists:
        raise Conflict("an account with this id exists already", code="exists", field="id")
    return [
        AccountRegistered(
            email=command.email, username=command.username, full_name=command.full_name
        )
    ]


def change_profile(command: ChangeProfile, account: Account) -> Sequence[Fact]:
    wanted = _given(command)
    for name, check in (("time_zone", known_zone), ("locale", normal_locale)):
        if wanted.get(name) is not None:
            wanted[name] = check(wanted[name], name)
    changed = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    return [ProfileChanged(**changed)] if changed else []


def confirm(command: ConfirmPassword, account: Account) -> Sequence[Fact]:
    if command.password_changes != account.password_changes:
        raise Conflict("the password was changed meanwhile", code="password-changed")
    _demand_unlocked(account)
    if not account.active:
        raise Forbidden("the account is deactivated", code="account-deactivated")
    return []


def _demand_unlocked(account: Account) -> None:
    if account.locked:
        raise Forbidden("an operator has disabled the account", code="account-disabled")


def claims(account: Account, fact: AccountEvent) -> Sequence[Claim]:
    """The e-mail and the username belong to one account each, however they are written."""
    match fact:
        case AccountRegistered():
            after = replace(account, email=fact.email, username=fact.username)
        case EmailChanged():
            after = replace(account, email=fact.email)
        case ProfileChanged():
            username = account.username if fact.username is UNSET else fact.username
            after = replace(account, username=username)
        case PasswordChanged() | AccountDeactivated() | AccountReactivated():
            return []  # its names stay taken
        case IdentityLinked():
            return [Claim(IDENTITY, identity_value(fact.issuer, fact.subject))]
    return [
        *_moved("email", account.email, after.email),
        *_moved("username", account.username, after.username),
    ]


def secrets(command: AccountCommand) -> Sequence[Secret]:
    match command:
        case RegisterAccount() | ChangePassword():
            value = command.password_hash
            return [Secret(command.stream, PASSWORD, value)] if value else []
        case ConfirmPassword():
            value = command.rehashed
            return [Secret(command.stream, PASSWORD, value)] if value else []
        case (
            ChangeProfile()
            | ChangeEmail()
            | DeactivateAccount()
            | ReactivateAccount()
            | DisableAccount()
            | EnableAccount()
            | LinkIdentity()
        ):
            return []


def identity_value(issuer: str, subject: str) -> str:
    """What is claimed for an outside identity; names of issuers have no line breaks."""
    return f"{issuer}\n{subject}"


def normal(name: str) -> str:
    """The one form of an e-mail or username by which two are the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)


def _moved(kind: str, before: str | None, after: str | None) -> Iterator[Claim]:
    old, new = normal(before or ""), normal(after or "")
    if old != new:
        if old:
            yield Claim(kind, old, release=True)
        if new:
            yield Claim(kind, new)


def _given(struct: ProfileChanged | ChangeProfile) -> dict[str, Any]:
    pairs = ((name, getattr(struct, name)) for name in _PROFILE)
    return {name: value for name, value in pairs if value is not UNSET}


ACCOUNTS = Decider(
    noun="account",
    initial=Account(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.stream,
    claims=claims,
    secrets=secrets,
)
