"""What can happen to an account and to its sessions."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from events.base import Fact


class AccountRegistered(Fact, frozen=True):
    """`number` is the one that an imported account had before."""

    email: str
    username: str | None
    full_name: str
    number: int | None = None


class ProfileChanged(Fact, frozen=True):
    full_name: str | UnsetType = UNSET
    username: str | None | UnsetType = UNSET
    avatar_url: str | None | UnsetType = UNSET
    time_zone: str | None | UnsetType = UNSET
    locale: str | None | UnsetType = UNSET


class EmailChanged(Fact, frozen=True):
    email: str


class PasswordChanged(Fact, frozen=True):
    """Ends every session of the account but `kept`, the one in which it was changed."""

    kept: UUID | None = None


class AccountDeactivated(Fact, frozen=True):
    """Ends every session of the account, as a changed password would, and none can be opened
    until it is active again. One that was `locked` by an operator its person cannot open."""

    locked: bool = False


class AccountReactivated(Fact, frozen=True):
    pass


class IdentityLinked(Fact, frozen=True):
    """Somebody whom another issuer knows as `subject` is this account's person."""

    issuer: str
    subject: str


class SessionOpened(Fact, frozen=True):
    """A sign-in; the session is a stream of its own, so an account's fold stays short.

    `password_changes` counts the changes before it, deactivations included: a later one ends the
    session.
    """

    account: UUID
    password_changes: int = 0
    address: str | None = None
    user_agent: str | None = None


class SessionRefreshed(Fact, frozen=True):
    pass


class SessionRevoked(Fact, frozen=True):
    account: UUID
    reason: Literal["logout", "revoked", "reuse"]


AccountEvent = (
    AccountRegistered
    | ProfileChanged
    | EmailChanged
    | PasswordChanged
    | AccountDeactivated
    | AccountReactivated
    | IdentityLinked
)
SessionEvent = SessionOpened | SessionRefreshed | SessionRevoked
