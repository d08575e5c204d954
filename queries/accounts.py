"""Who is this account, and where is it signed in?"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries.by_time import ByTime
from queries.database import Database
from queries.paging import Page

_SESSIONS = """
SELECT s.id, s.address, s.user_agent, s.opened_at, s.refreshed_at
FROM read.sessions s JOIN read.accounts a ON a.id = s.account
WHERE s.account = $1 AND s.revoked_at IS NULL AND s.refreshed_at > $2
  AND (s.password_changes = a.password_changes OR s.id = a.kept)
  AND ($3::timestamptz IS NULL OR (s.opened_at, s.id) < ($3, $4::uuid))
ORDER BY s.opened_at DESC, s.id DESC LIMIT $5
"""


class AccountRow(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    email: str
    username: str | None
    full_name: str
    avatar_url: str | None
    time_zone: str | None
    locale: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class SessionRow(msgspec.Struct, frozen=True):
    id: UUID
    address: str | None
    user_agent: str | None
    opened_at: datetime
    used_at: datetime


async def get_account(database: Database, account: UUID) -> AccountRow:
    records = await database.fetch(
        "SELECT id, number, email, username, full_name, avatar_url, time_zone, locale,"
        " registered_at, updated_at, version FROM read.accounts WHERE id = $1",
        account,
    )
    if not records:
        raise NotFound("there is no such account")
    return AccountRow(*records[0].values())


async def list_sessions(
    database: Database,
    *,
    log: UUID,
    account: UUID,
    now: datetime,
    life: timedelta,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[SessionRow]:
    """Those that have not ended, the latest sign-in first. `life` is how long a session lasts
    that nobody refreshes."""
    sessions = ByTime(_SESSIONS, SessionRow, lambda row: (row.opened_at, row.id))
    return await sessions.page(
        database, account, now - life, log=log, query="sessions", limit=limit, cursor=cursor
    )
