"""The export commands over HTTP."""

from typing import Any, cast
from uuid import UUID

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from commands.base import Stream
from commands.exports import CancelExport, Export, RequestExport
from commands.handler import Handler, Outcome
from events.append import CommandRequest
from events.exports import ExportFormat, ExportNoun
from events.ids import new_id, personal_workspace_of
from gateway.http import Body, answer
from gateway.resources.exports import ExportResource, ExportStatus, expiry_of


class ExportBody(Body, frozen=True):
    """Of tasks, unless `noun` says another; `history` adds a sheet to a workbook."""

    format: ExportFormat
    noun: ExportNoun = "task"
    history: bool = False
    workspace: UUID | None = None


@post("/exports", operation_id="requestExport", status_code=202)
async def request_export(
    data: JSONBody[ExportBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[ExportResource]:
    """Have the tasks, notes or posts of a workspace written into a file, of your personal one
    unless you name another. `Location` tells how far it is and what became of it, and so does
    the stream."""
    command = RequestExport(
        stream=new_id(),
        workspace=data.workspace or personal_workspace_of(command_request.account),
        format=data.format,
        history=data.history,
        noun=data.noun,
    )
    return export_answer(await handler.handle([command], command_request), status=202)


@post("/exports/{export:uuid}/cancel", operation_id="cancelExport", status_code=200)
async def cancel_export(
    export: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[ExportResource]:
    """Give up an export that is not finished: yours, or anybody's as an admin."""
    command = CancelExport(stream=export)
    return export_answer(await handler.handle([command], command_request))


def export_answer(outcome: Outcome, *, status: int = 200) -> Response[ExportResource]:
    stream = outcome.stream
    return answer(
        export_resource(stream),
        status=status,
        version=stream.version,
        position=outcome.position,
        location=f"/v1/exports/{stream.id}" if status == 202 else None,
        replayed=outcome.replayed,
    )


def export_resource(stream: Stream[Export]) -> ExportResource:
    export = stream.state
    assert stream.owner is not None
    assert stream.created_at is not None
    return ExportResource(
        id=stream.id,
        workspace=stream.owner,
        requested_by=stream.created_by,
        format=export.format,
        history=export.history,
        noun=export.noun,
        status=cast(ExportStatus, export.status),
        done=export.done,
        total=export.total,
        rows=export.rows,
        size=export.size,
        sha256=export.sha256,
        reason=export.reason,
        requested_at=stream.created_at,
        finished_at=export.finished_at,
        expires_at=expiry_of(export.status, export.finished_at),
        version=stream.version,
    )


EXPORT_ROUTES: list[Any] = [request_export, cancel_export]
EXPORT_COMMANDS = Router(path="/", route_handlers=EXPORT_ROUTES, tags=["exports"])
