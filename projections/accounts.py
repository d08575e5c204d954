"""Accounts and their sessions as profiles and session lists show them."""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from events.accounts import (
    AccountDeactivated,
    AccountEvent,
    AccountReactivated,
    AccountRegistered,
    EmailChanged,
    IdentityLinked,
    PasswordChanged,
    ProfileChanged,
    SessionEvent,
    SessionOpened,
    SessionRefreshed,
    SessionRevoked,
)
from events.envelope import Recorded
from projections.table import Projection, Row, Table, by_stream, opens_stream, topics_of


class AccountView(Row, frozen=True):
    """`password_changes` also counts deactivations, which end sessions too; `kept` is the one
    that outlived the last of them."""

    id: UUID
    number: int
    email: str
    username: str | None
    full_name: str
    avatar_url: str | None
    time_zone: str | None
    locale: str | None
    registered_at: datetime
    updated_at: datetime
    password_changes: int
    kept: UUID | None
    deactivated_at: datetime | None
    version: int
    position: int


class SessionView(Row, frozen=True):
    """It has ended when it was revoked, or when the password was changed more often than
    `password_changes` and the account kept another one."""

    id: UUID
    account: UUID
    opened_at: datetime
    refreshed_at: datetime
    revoked_at: datetime | None
    reason: Literal["logout", "revoked", "reuse"] | None
    password_changes: int
    address: str | None
    user_agent: str | None
    version: int
    position: int


def evolve_account(account: AccountView | None, recorded: Recorded) -> AccountView | None:
    fact, at = cast(AccountEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, AccountRegistered):
        return AccountView(
            id=recorded.stream,
            number=recorded.number,
            email=fact.email,
            username=fact.username,
            full_name=fact.full_name,
            avatar_url=None,
            time_zone=None,
            locale=None,
            registered_at=at,
            updated_at=at,
            password_changes=0,
            kept=None,
            deactivated_at=None,
            version=recorded.version,
            position=recorded.position,
        )
    if account is None:
        return None
    changes = _account_changes(account, fact, at)
    return replace(
        account, updated_at=at, version=recorded.version, position=recorded.position, **changes
    )


def _account_changes(account: AccountView, fact: AccountEvent, at: datetime) -> dict[str, Any]:
    match fact:
        case AccountRegistered():
            return {}
        case ProfileChanged():
            return {k: v for k, v in msgspec.structs.asdict(fact).items() if v is not UNSET}
        case EmailChanged():
            return {"email": fact.email}
        case PasswordChanged():
            return {"password_changes": account.password_changes + 1, "kept": fact.kept}
        case AccountDeactivated():
            ended = account.password_changes + 1
            return {"password_changes": ended, "kept": None, "deactivated_at": at}
        case AccountReactivated():
            return {"deactivated_at": None}
        case IdentityLinked():
            return {}


def evolve_session(session: SessionView | None, recorded: Recorded) -> SessionView | None:
    fact, at = cast(SessionEvent, recorded.fact), recorded.occurred_at
    place = {"version": recorded.version, "position": recorded.position}
    if isinstance(fact, SessionOpened):
        return SessionView(
            id=recorded.stream,
            account=fact.account,
            opened_at=at,
            refreshed_at=at,
            revoked_at=None,
            reason=None,
            password_changes=fact.password_changes,
            address=fact.address,
            user_agent=fact.user_agent,
            **place,
        )
    if session is None:
        return None
    match fact:
        case SessionRefreshed():
            return replace(session, refreshed_at=at, **place)
        case SessionRevoked():
            return replace(session, revoked_at=at, reason=fact.reason, **place)


ACCOUNTS = Projection(
    name="accounts",
    version=5,
    tables=(
        Table(
            name="accounts",
            row=AccountView,
            key=("id",),
            topics=topics_of("account"),
            keys=by_stream,
            evolve=evolve_account,
            is_first=opens_stream,
        ),
        Table(
            name="sessions",
            row=SessionView,
            key=("id",),
            topics=topics_of("session"),
            keys=by_stream,
            evolve=evolve_session,
            is_first=opens_stream,
            indexes=("(account, opened_at)",),
        ),
    ),
)
