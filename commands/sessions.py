"""What may be done to a session: one sign-in, from its opening to its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.base import Command, Context, Decider, Secret
from events.accounts import SessionEvent, SessionOpened, SessionRefreshed, SessionRevoked
from events.base import Fact
from events.refusals import Conflict, NotFound

REFRESH_TOKEN = "refresh-token"  # noqa: S105 - the kind of a secret
MAX_USER_AGENT = 300


class OpenSession(Command, frozen=True, kw_only=True):
    """`refresh_token` is what is kept of it, never the token itself."""

    account: UUID
    password_changes: int
    refresh_token: bytes


class RefreshSession(Command, frozen=True, kw_only=True):
    refresh_token: bytes


class RevokeSession(Command, frozen=True, kw_only=True):
    reason: Literal["logout", "revoked", "reuse"]


SessionCommand = OpenSession | RefreshSession | RevokeSession


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`used_at` is when it was opened or last refreshed."""

    account: UUID | None = None
    password_changes: int = 0
    used_at: datetime | None = None
    revoked: bool = False


def evolve(session: Session, event: SessionEvent, at: datetime) -> Session:
    match event:
        case SessionOpened():
            return Session(
                account=event.account, password_changes=event.password_changes, used_at=at
            )
        case SessionRefreshed():
            return replace(session, used_at=at)
        case SessionRevoked():
            return replace(session, revoked=True)


def decide(command: SessionCommand, session: Session, context: Context) -> Sequence[Fact]:
    account = context.caller.account
    if isinstance(command, OpenSession):
        return open_(command, session, context)
    if account is None or account != session.account:
        raise NotFound("there is no such session")
    match command:
        case RefreshSession():
            if session.revoked:
                raise Conflict("the session has ended", code="session-ended")
            return [SessionRefreshed()]
        case RevokeSession():
            return (
                [] if session.revoked else [SessionRevoked(account=account, reason=command.reason)]
            )


def open_(command: OpenSession, session: Session, context: Context) -> Sequence[Fact]:
    if context.caller.account != command.account:
        raise NotFound("there is no such account")
    if session.account is not None:
        raise Conflict("a session with this id exists already", code="exists", field="id")
    agent = context.caller.user_agent
    return [
        SessionOpened(
            account=command.account,
            password_changes=command.password_changes,
            address=context.caller.address,
            user_agent=agent[:MAX_USER_AGENT] if agent else None,
        )
    ]


def secrets(command: SessionCommand) -> Sequence[Secret]:
    match command:
        case OpenSession() | RefreshSession():
            return [Secret(command.stream, REFRESH_TOKEN, command.refresh_token)]
        case RevokeSession():
            return [Secret(command.stream, REFRESH_TOKEN, None)]


SESSIONS = Decider(
    noun="session",
    initial=Session(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: getattr(command, "account", command.stream),
    secrets=secrets,
)
