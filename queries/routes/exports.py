"""Exports over HTTP: a small one at once, and what became of the others."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from events.envelope import Caller
from events.refusals import Invalid, NotFound
from gateway.http import HttpRequest, etag
from gateway.resources.exports import ExportLink, ExportResource, expiry_of
from queries.export_folders import export_folder
from queries.export_jobs import ExportRow, Links, get_export, list_exports
from queries.exports import Export
from queries.facts import places_of
from queries.formats import MEDIA_TYPES
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries
from queries.writing import write_export

AT_ONCE = 5_000
_EVENTS_AT_ONCE = 50_000
XLSX = MEDIA_TYPES["xlsx"]

WithHistory = Annotated[
    bool, QueryParameter(description="Also what happened, on a sheet of its own.")
]

Minutes = Annotated[int, QueryParameter(description="How long it leads there.", ge=1, le=60)]


@get(
    "/exports/tasks.xlsx",
    operation_id="downloadTasks",
    media_type=XLSX,
    opt={"answer": XLSX},
)
async def tasks_workbook(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    workspace: FromQuery[list[UUID] | None] = None,
    history: WithHistory = False,
    min_position: MinPosition = None,
) -> Response[bytes]:
    """The tasks of your workspaces as a workbook, if there are at most 5 000. More of them, and
    other formats, are a job: `POST /v1/exports`."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "tasks", "workspaces")
    places = await places_of(queries.database, account=account, workspaces=workspace or ())
    export = Export(queries.database, places.ids, queries.now())
    if history:
        await queries.freshness.demand(account, min_position, "activity")
    await _demand_small(export, history)
    content = await workbook(export, history=history)
    headers = {
        "Tasktrail-Position": str(position),
        "Content-Disposition": 'attachment; filename="tasks.xlsx"',
    }
    return Response(content, media_type=XLSX, headers=headers)


@get("/exports", operation_id="listExports")
async def list_of_exports(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[ExportResource]]:
    """The exports of your workspaces, the newest first."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "exports", "workspaces")
    page = await list_exports(
        queries.database, log=queries.log_id, account=account, limit=limit, cursor=cursor
    )
    items = [export_resource(row) for row in page.items]
    headers = page_headers(request, position, page.next_cursor)
    return Response(Page(items, page.next_cursor), headers=headers)


@get("/exports/{export:uuid}", operation_id="getExport")
async def one_export(
    export: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[ExportResource]:
    """What became of an export, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "exports", "workspaces")
    row = await get_export(queries.database, account=account, export=export)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(export_resource(row), headers=headers)


@get("/exports/{export:uuid}/link", operation_id="linkExport")
async def link_to_export(
    export: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Links],
    minutes: Minutes = 5,
    min_position: MinPosition = None,
) -> Response[ExportLink]:
    """A link to the file that needs no token. There is none before the export is completed, and
    none after it expired."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "exports", "workspaces")
    row = await get_export(queries.database, account=account, export=export)
    now = queries.now()
    kept_until = expiry_of(row.status, row.finished_at)
    if row.status != "completed" or kept_until is None or kept_until <= now:
        raise NotFound(f"the export is {row.status}; it has no file")
    expires_at = min(now + timedelta(minutes=minutes), kept_until)
    url = objects.link(
        row.id,
        seconds=max(1, int((expires_at - now).total_seconds())),
        headers={
            "content-type": MEDIA_TYPES[row.format],
            "content-disposition": f'attachment; filename="{row.noun}s.{row.format}"',
        },
    )
    headers = {"Tasktrail-Position": str(position), "Cache-Control": "no-store"}
    return Response(ExportLink(url=url, expires_at=expires_at), headers=headers)


def export_resource(row: ExportRow) -> ExportResource:
    return ExportResource(
        **{name: getattr(row, name) for name in ExportRow.__struct_fields__},
        expires_at=expiry_of(row.status, row.finished_at),
    )


async def workbook(export: Export, *, history: bool = False) -> bytes:
    """The file as a whole: for small ones."""
    with export_folder() as folder:
        path = Path(folder) / "tasks.xlsx"
        await write_export(export, path, "xlsx", history=history)
        return await asyncio.to_thread(path.read_bytes)


async def _demand_small(export: Export, history: bool) -> None:
    if await export.count() > AT_ONCE:
        raise Invalid(
            f"there are more than {AT_ONCE} tasks; ask for a job: POST /v1/exports",
            code="export-too-large",
            field="workspace",
        )
    if history and await export.count_history() > _EVENTS_AT_ONCE:
        raise Invalid(
            f"there are more than {_EVENTS_AT_ONCE} events; ask for a job: POST /v1/exports",
            code="export-too-large",
            field="history",
        )


EXPORT_QUERIES = Router(
    path="/",
    route_handlers=[tasks_workbook, list_of_exports, one_export, link_to_export],
    tags=["exports"],
)
