"""What may be done to an export job, and by whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.base import RANK, Command, Context, Decider
from events.base import Fact, Role
from events.exports import (
    ExportCancelled,
    ExportCompleted,
    ExportEvent,
    ExportExpired,
    ExportFailed,
    ExportFormat,
    ExportNoun,
    ExportProgressed,
    ExportRequested,
)
from events.refusals import Conflict, Forbidden, Invalid, NotFound

Status = Literal["nothing", "requested", "completed", "failed", "cancelled", "expired"]


class RequestExport(Command, frozen=True, kw_only=True):
    workspace: UUID
    format: ExportFormat
    history: bool = False
    noun: ExportNoun = "task"


class CancelExport(Command, frozen=True):
    pass


class ReportExport(Command, frozen=True, kw_only=True):
    """Given by nobody but the exporter, like the next three."""

    done: int
    total: int


class CompleteExport(Command, frozen=True, kw_only=True):
    """The object lies under the stream's id."""

    rows: int
    size: int
    sha256: str


class FailExport(Command, frozen=True, kw_only=True):
    reason: str


class ExpireExport(Command, frozen=True):
    pass


ExportCommand = (
    RequestExport | CancelExport | ReportExport | CompleteExport | FailExport | ExpireExport
)


class Export(msgspec.Struct, frozen=True, kw_only=True):
    status: Status = "nothing"
    format: ExportFormat = "xlsx"
    history: bool = False
    noun: ExportNoun = "task"
    done: int = 0
    total: int | None = None
    rows: int | None = None
    size: int | None = None
    sha256: str | None = None
    reason: str | None = None
    finished_at: datetime | None = None


def evolve(export: Export, event: ExportEvent, at: datetime) -> Export:
    match event:
        case ExportRequested():
            return Export(
                status="requested", format=event.format, history=event.history, noun=event.noun
            )
        case ExportProgressed():
            return replace(export, done=event.done, total=event.total)
        case ExportCompleted():
            return replace(
                export,
                status="completed",
                done=event.rows,
                total=event.rows,
                rows=event.rows,
                size=event.size,
                sha256=event.sha256,
                finished_at=at,
            )
        case ExportFailed():
            return replace(export, status="failed", reason=event.reason, finished_at=at)
        case ExportCancelled():
            return replace(export, status="cancelled", finished_at=at)
        case ExportExpired():
            return replace(export, status="expired")


def decide(command: ExportCommand, export: Export, context: Context) -> Sequence[Fact]:
    if isinstance(command, RequestExport):
        return request(command, export)
    if export.status == "nothing":
        raise NotFound("there is no such export")
    if isinstance(command, CancelExport):
        return cancel(command, export, context)
    if context.caller.account is not None:
        raise Forbidden("only the exporter says what became of an export")
    match command:
        case ReportExport():
            _demand_requested(export)
            return progress(command, export)
        case CompleteExport():
            _demand_requested(export)
            return [
                ExportCompleted(
                    rows=command.rows,
                    size=command.size,
                    sha256=command.sha256,
                    object_key=command.stream,
                )
            ]
        case FailExport():
            _demand_requested(export)
            return [ExportFailed(reason=command.reason)]
        case ExpireExport():
            return [ExportExpired()] if export.status == "completed" else []


def request(command: RequestExport, export: Export) -> Sequence[Fact]:
    if export.status != "nothing":
        raise Conflict("an export with this id exists already", code="exists", field="id")
    if command.history and command.format != "xlsx":
        raise Invalid("only a workbook (xlsx) has room for the history", field="history")
    return [ExportRequested(format=command.format, history=command.history, noun=command.noun)]


def progress(command: ReportExport, export: Export) -> Sequence[Fact]:
    """What is made anew is told of again only where it is further than before."""
    further = command.done > export.done
    return [ExportProgressed(done=command.done, total=command.total)] if further else []


def cancel(command: CancelExport, export: Export, context: Context) -> Sequence[Fact]:
    account = context.caller.account
    assert account is not None, "only a member gets here"
    asked = context.related[command.stream].created_by
    if account != asked and RANK[context.members[account]] < RANK["admin"]:
        raise Forbidden("only who asked for an export or an admin may cancel it")
    if export.status == "cancelled":
        return []
    _demand_requested(export)
    return [ExportCancelled()]


def _demand_requested(export: Export) -> None:
    if export.status != "requested":
        raise Conflict(f"the export is {export.status} already", code="export-finished")


def reads(command: Any) -> Mapping[UUID, str]:
    """The export itself, for who asked for it."""
    return {command.stream: "export"} if isinstance(command, CancelExport) else {}


_ROLES: dict[type[Command], Role] = {RequestExport: "viewer", CancelExport: "viewer"}

EXPORTS = Decider(
    noun="export",
    initial=Export(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
    reads=reads,
)
