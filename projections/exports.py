"""Export jobs as whoever asked for them sees them."""

from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Recorded
from events.exports import (
    ExportCancelled,
    ExportCompleted,
    ExportEvent,
    ExportExpired,
    ExportFailed,
    ExportNoun,
    ExportProgressed,
    ExportRequested,
)
from projections.table import Projection, Row, Table, by_stream, opens_stream, topics_of


class ExportView(Row, frozen=True):
    """`done` of `total` rows are written by now; `rows`, `size` and `sha256` are those of the
    file, once there is one."""

    id: UUID
    workspace: UUID
    requested_by: UUID | None
    format: Literal["xlsx", "csv", "parquet", "ndjson"]
    history: bool
    noun: ExportNoun
    status: Literal["requested", "completed", "failed", "cancelled", "expired"]
    done: int
    total: int | None
    rows: int | None
    size: int | None
    sha256: str | None
    reason: str | None
    requested_at: datetime
    finished_at: datetime | None
    requested_position: int
    version: int
    position: int


def evolve_export(export: ExportView | None, recorded: Recorded) -> ExportView | None:
    fact, at = cast(ExportEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, ExportRequested):
        return _requested(fact, recorded)
    if export is None:
        return None
    export = replace(export, version=recorded.version, position=recorded.position)
    match fact:
        case ExportProgressed():
            return replace(export, done=fact.done, total=fact.total)
        case ExportCompleted():
            return replace(
                export,
                status="completed",
                done=fact.rows,
                total=fact.rows,
                rows=fact.rows,
                size=fact.size,
                sha256=fact.sha256,
                finished_at=at,
            )
        case ExportFailed():
            return replace(export, status="failed", reason=fact.reason, finished_at=at)
        case ExportCancelled():
            return replace(export, status="cancelled", finished_at=at)
        case ExportExpired():
            return replace(export, status="expired")


def _requested(fact: ExportRequested, recorded: Recorded) -> ExportView:
    return ExportView(
        id=recorded.stream,
        workspace=recorded.owner,
        requested_by=recorded.actor,
        format=fact.format,
        history=fact.history,
        noun=fact.noun,
        status="requested",
        done=0,
        total=None,
        rows=None,
        size=None,
        sha256=None,
        reason=None,
        requested_at=recorded.occurred_at,
        finished_at=None,
        requested_position=recorded.position,
        version=recorded.version,
        position=recorded.position,
    )


EXPORTS = Projection(
    name="exports",
    version=3,
    tables=(
        Table(
            name="exports",
            row=ExportView,
            key=("id",),
            topics=topics_of("export"),
            keys=by_stream,
            evolve=evolve_export,
            is_first=opens_stream,
            indexes=(
                "(workspace, requested_at, id)",
                "(status, requested_position) WHERE status IN ('requested', 'completed')",
            ),
        ),
    ),
)
