"""Which exports were asked for, and what became of them?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

import msgspec

from events.exports import ExportFormat, ExportNoun
from events.refusals import NotFound
from queries.by_time import ByTime
from queries.database import Database
from queries.paging import Page

_EXPORTS = """
SELECT e.id, e.workspace, e.requested_by, e.format, e.history, e.noun, e.status, e.done, e.total,
    e.rows, e.size, e.sha256, e.reason, e.requested_at, e.finished_at, e.version
FROM read.exports e JOIN read.members m ON m.workspace = e.workspace AND m.account = $1
WHERE ($2::uuid IS NULL OR e.id = $2)
    AND ($3::timestamptz IS NULL OR (e.requested_at, e.id) < ($3, $4::uuid))
ORDER BY e.requested_at DESC, e.id DESC LIMIT $5
"""
_REQUESTED = """
SELECT id, workspace, format, history, noun, requested_position FROM read.exports
WHERE status = 'requested' ORDER BY requested_position LIMIT 100
"""
_COMPLETED = """
SELECT id FROM read.exports WHERE status = 'completed' AND finished_at < $1
ORDER BY requested_position LIMIT 100
"""


class ExportRow(msgspec.Struct, frozen=True):
    id: UUID
    workspace: UUID
    requested_by: UUID | None
    format: ExportFormat
    history: bool
    noun: ExportNoun
    status: str
    done: int
    total: int | None
    rows: int | None
    size: int | None
    sha256: str | None
    reason: str | None
    requested_at: datetime
    finished_at: datetime | None
    version: int


@runtime_checkable
class Links(Protocol):
    def link(self, key: UUID, *, seconds: int, headers: Mapping[str, str]) -> str: ...


async def list_exports(
    database: Database, *, log: UUID, account: UUID, limit: int = 50, cursor: str | None = None
) -> Page[ExportRow]:
    """Those of the account's workspaces, the newest first."""
    exports = ByTime(_EXPORTS, ExportRow, lambda row: (row.requested_at, row.id))
    return await exports.page(
        database, account, None, log=log, query="exports", limit=limit, cursor=cursor
    )


async def get_export(database: Database, *, account: UUID, export: UUID) -> ExportRow:
    """Raises `NotFound`."""
    records = await database.fetch(_EXPORTS, account, export, None, None, 1)
    if not records:
        raise NotFound("there is no such export")
    return ExportRow(*records[0].values())


async def requested_exports(
    database: Database,
) -> Sequence[tuple[UUID, UUID, ExportFormat, bool, ExportNoun, int]]:
    """Id, workspace, format, history, noun and position, in the order of the requests."""
    return [tuple(record.values()) for record in await database.fetch(_REQUESTED)]


async def exports_completed_before(database: Database, moment: datetime) -> Sequence[UUID]:
    return [record["id"] for record in await database.fetch(_COMPLETED, moment)]
