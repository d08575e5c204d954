"""An account of an older system, as it begins here or becomes one with another."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from commands.accounts import IDENTITY, PASSWORD, Account, identity_value, normal
from commands.base import Claim, Secret, Stream
from commands.imports.items import Happened, Held, Item
from commands.imports.rows import Row
from events.accounts import (
    AccountDeactivated,
    AccountRegistered,
    EmailChanged,
    IdentityLinked,
    ProfileChanged,
)
from events.base import Fact
from events.ids import personal_workspace_of
from events.workspaces import WorkspaceCreated

BETTER_AUTH = "better-auth"
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_PBKDF2 = re.compile(r"\$pbkdf2-sha256\$(\d{1,9})\$[./A-Za-z0-9]*\$[./A-Za-z0-9]{43}")
_DEAREST = 16
_MOST_ROUNDS = 5_000_000


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever holds the claim on its `number` or `identity` in the older system is that account
    here, under its own id or merged into another. One that no row stands for is not `compared`."""

    table: str
    key: str
    stream: UUID
    registered: AccountRegistered
    at: datetime
    number: Claim | None = None
    identity: IdentityLinked | None = None
    profile: ProfileChanged | None = None
    password: bytes | None = None
    active: bool = True
    compared: bool = True

    @property
    def link(self) -> Claim:
        if self.number is not None:
            return self.number
        assert self.identity is not None, "it has one or the other"
        value = identity_value(self.identity.issuer, self.identity.subject)
        return Claim(IDENTITY, value)

    @property
    def email(self) -> Claim | None:
        name = normal(self.registered.email)
        return Claim("email", name) if name else None

    @property
    def username(self) -> Claim | None:
        name = normal(self.registered.username or "")
        return Claim("username", name) if name else None

    @property
    def names(self) -> list[Claim]:
        """What nobody else may have."""
        return [claim for claim in (self.email, self.username) if claim is not None]

    @property
    def claims(self) -> list[Claim]:
        return [self.link, *self.names]


# Somebody else disabled it there, so its person cannot open it here.
_DISABLED = AccountDeactivated(locked=True)


def account_item(person: Person) -> Item:
    """The account with its personal workspace, as if it had registered then."""
    account, home = person.stream, personal_workspace_of(person.stream)
    created = WorkspaceCreated(name="Personal", time_zone="UTC", owner=account, personal=True)
    optional = (person.profile, person.identity, None if person.active else _DISABLED)
    facts: list[Fact] = [person.registered, *(fact for fact in optional if fact)]
    mine = [
        Happened(
            stream=account,
            owner=account,
            fact=fact,
            at=person.at,
            actor=account,
            compared=person.compared,
        )
        for fact in facts
    ]
    return Item(
        table=person.table,
        key=person.key,
        stream=account,
        happened=[
            *mine,
            Happened(
                stream=home,
                owner=home,
                fact=created,
                at=person.at,
                actor=account,
                compared=person.compared,
            ),
        ],
        claims=[Held(claim, account) for claim in person.claims],
        secrets=_secrets(account, person),
        begins=(account, home),
        account=account,
    )


def merged_item(
    person: Person,
    into: Stream[Account],
    now: datetime,
    *,
    has_password: bool,
    held: Mapping[Claim, UUID],
) -> Item | None:
    """What the other account does not have yet, as far as nobody else has it: what it has stays.
    None where it lacks nothing. `held` says who has which of the person's names."""
    free = [claim for claim in person.claims if held.get(claim, into.id) == into.id]
    facts, known = list[Fact](), into.state
    if person.identity and person.link not in held:
        facts.append(person.identity)
    if person.email in free and not known.email:
        facts.append(EmailChanged(email=person.registered.email))
    if person.username in free and not known.username:
        facts.append(ProfileChanged(username=person.registered.username))
    secrets = [] if has_password or not person.active else _secrets(into.id, person)
    if not facts and not secrets and person.link in held:
        return None
    return Item(
        table=person.table,
        key=person.key,
        stream=into.id,
        happened=[
            Happened(
                stream=into.id, owner=into.id, fact=fact, at=now, actor=into.id, compared=False
            )
            for fact in facts
        ],
        claims=[Held(claim, into.id) for claim in free if _is_told(claim, person, facts)],
        secrets=secrets,
        after={into.id: into.version},
        account=into.id,
    )


def _is_told(claim: Claim, person: Person, facts: Sequence[Fact]) -> bool:
    """Whether a fact gives the account this name. It is linked in any case."""
    kind = EmailChanged if claim == person.email else ProfileChanged
    return claim == person.link or any(isinstance(fact, kind) for fact in facts)


def _secrets(account: UUID, person: Person) -> list[Secret]:
    return [Secret(account, PASSWORD, person.password)] if person.password else []


def stored_hash(row: Row, field: str) -> bytes:
    """The hash under our name for its scheme."""
    found = row.text(field).strip()
    if bcrypt := _BCRYPT.fullmatch(found):
        if int(bcrypt[1]) > _DEAREST:
            row.refuse(field, f"is a bcrypt hash of cost {bcrypt[1]}, above {_DEAREST}")
        return b"bcrypt$" + found.encode()
    if pbkdf2 := _PBKDF2.fullmatch(found):
        if not 0 < int(pbkdf2[1]) <= _MOST_ROUNDS:
            row.refuse(field, f"is a pbkdf2_sha256 hash of {pbkdf2[1]} rounds")
        return b"pbkdf2_sha256$" + found.encode()
    return row.refuse(field, "is neither a bcrypt nor a passlib pbkdf2_sha256 hash")


def email_of(row: Row, field: str = "email") -> str:
    found = row.text(field).strip()
    if not normal(found):
        row.refuse(field, "is empty")
    return found
