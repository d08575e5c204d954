"""Which workspaces is an account in, and who else is?"""

from datetime import datetime
from uuid import UUID

import msgspec

from events.base import Role
from events.refusals import NotFound
from queries import paging
from queries.database import Database
from queries.paging import Cursor, Page

_WORKSPACES = """
SELECT w.id, w.name, w.time_zone, w.personal, m.role, w.created_at, w.updated_at, w.version
FROM read.members m JOIN read.workspaces w ON w.id = m.workspace
WHERE m.account = $1 AND ($2::uuid IS NULL OR w.id = $2)
  AND ($3::timestamptz IS NULL OR (w.created_at, w.id) > ($3, $4::uuid))
ORDER BY w.created_at, w.id LIMIT $5
"""
_MEMBERS = """
SELECT m.account, coalesce(a.full_name, ''), a.username, coalesce(a.email, ''), m.role, m.since,
    a.deactivated_at IS NULL
FROM read.members m LEFT JOIN read.accounts a ON a.id = m.account
WHERE m.workspace = $1
  AND ($2::timestamptz IS NULL OR (m.since, m.account) > ($2, $3::uuid))
ORDER BY m.since, m.account LIMIT $4
"""


class WorkspaceRow(msgspec.Struct, frozen=True):
    """`role` is that of whoever asks."""

    id: UUID
    name: str
    time_zone: str
    personal: bool
    role: Role
    created_at: datetime
    updated_at: datetime
    version: int


class MemberRow(msgspec.Struct, frozen=True):
    """The names are empty where the account was erased."""

    account: UUID
    full_name: str
    username: str | None
    email: str
    role: Role
    since: datetime
    active: bool


async def list_workspaces(
    database: Database, *, log: UUID, account: UUID, limit: int = 50, cursor: str | None = None
) -> Page[WorkspaceRow]:
    """The account's workspaces, the oldest first: so its personal one."""
    after = paging.decode(cursor, log=log, query="workspaces") if cursor is not None else None
    records = await database.fetch(
        _WORKSPACES,
        account,
        None,
        paging.moment_of(after) if after else None,
        after.id if after else None,
        limit + 1,
    )
    rows, more = paging.cut([WorkspaceRow(*record.values()) for record in records], limit)
    last = Cursor(log, "workspaces", rows[-1].created_at.isoformat(), rows[-1].id) if more else None
    return Page(list(rows), paging.encode(last) if last else None)


async def get_workspace(database: Database, *, account: UUID, workspace: UUID) -> WorkspaceRow:
    """Raises `NotFound` for one who is not a member too."""
    records = await database.fetch(_WORKSPACES, account, workspace, None, None, 1)
    if not records:
        raise NotFound("there is no such workspace")
    return WorkspaceRow(*records[0].values())


async def list_members(
    database: Database, *, log: UUID, workspace: UUID, limit: int = 50, cursor: str | None = None
) -> Page[MemberRow]:
    """The longest-standing first. For those only who may see the workspace."""
    query = f"members:{workspace}"
    after = paging.decode(cursor, log=log, query=query) if cursor is not None else None
    records = await database.fetch(
        _MEMBERS,
        workspace,
        paging.moment_of(after) if after else None,
        after.id if after else None,
        limit + 1,
    )
    rows, more = paging.cut([MemberRow(*record.values()) for record in records], limit)
    last = Cursor(log, query, rows[-1].since.isoformat(), rows[-1].account) if more else None
    return Page(list(rows), paging.encode(last) if last else None)
