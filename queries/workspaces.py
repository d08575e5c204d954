"""Which workspaces is an account in, and who else is?"""

from datetime import datetime
from uuid import UUID

import msgspec

from events.base import Role
from events.refusals import NotFound
from queries.by_time import ByTime
from queries.database import Database
from queries.paging import Page

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
    workspaces = ByTime(_WORKSPACES, WorkspaceRow, lambda row: (row.created_at, row.id))
    return await workspaces.page(
        database, account, None, log=log, query="workspaces", limit=limit, cursor=cursor
    )


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
    members = ByTime(_MEMBERS, MemberRow, lambda row: (row.since, row.account))
    query = f"members:{workspace}"
    return await members.page(database, workspace, log=log, query=query, limit=limit, cursor=cursor)
