"""TaskHub's files: every member adds and reads them, whom they concern removes them."""

from collections.abc import Sequence
from typing import Any

from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from multipart import MultipartSegment  # type: ignore[import-untyped]

from commands.attachments import ATTACHMENTS
from commands.handler import Handler
from commands.routes.attachments import attach, detach
from commands.routes.uploads import Store, StoredFile, store_files
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Forbidden, Invalid, NotFound, TooLarge
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import (
    Answer,
    WireRequest,
    detail,
    missing,
    unprocessable,
    unreadable,
    uuid_in_path,
)
from gateway.dialects.taskhub.reading import (
    at_head,
    demand_here,
    files_of,
    is_here,
    not_authorized,
    task_not_found,
)
from gateway.dialects.taskhub.shown import shown_file
from gateway.dialects.taskhub.space import SPACE
from gateway.http import Rejected
from infra.settings import Settings
from queries.attachments import Contents, get_attachment
from queries.routes.attachments import download
from queries.services import Queries

Json = dict[str, Any]


@post("/", status_code=201, request_max_body_size=None)
async def add_files(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Store],
    command: NamedDependency[CommandRequest],
) -> list[Json]:
    """All of them or none, in the order in which they were sent."""
    id = uuid_in_path(task, "task_id")
    await demand_here(queries, member, id)
    files = await received(request, objects)
    try:
        outcome = await attach(handler, objects, SPACE, id, files, command)
    except NotFound:
        raise task_not_found() from None
    shown = []
    for stream, file in zip(outcome.streams, files, strict=True):
        assert stream.created_at is not None, "it has just begun"
        shown.append(
            shown_file(
                stream.id, file.key, file.name, file.content_type, file.size, stream.created_at
            )
        )
    return shown


@get("/")
async def list_files(
    task: FromPath[str], member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> Sequence[Json]:
    """The newest first; of a task that is not there, none."""
    id = uuid_in_path(task, "task_id")
    await at_head(queries, member)
    return (await files_of(queries, [id]))[id] if await is_here(queries, id) else []


@get("/{file:str}", media_type="application/octet-stream")
async def one_file(
    request: WireRequest,
    task: FromPath[str],
    file: FromPath[str],
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Contents],
) -> Stream:
    id, wanted = uuid_in_path(task, "task_id"), uuid_in_path(file, "file_id")
    await at_head(queries, member)
    try:
        row = await get_attachment(queries.database, account=account_of(member), attachment=wanted)
        if (row.workspace, row.task) != (SPACE, id):
            raise file_not_found()
        head_only = request.scope["state"].get("head", False)
        return await download(row, objects, head_only=head_only)
    except NotFound:
        raise file_not_found() from None


@delete("/{file:str}", status_code=204)
async def delete_file(
    task: FromPath[str],
    file: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    objects: NamedDependency[Store],
    command: NamedDependency[CommandRequest],
) -> None:
    """Its uploader, the task's creator or assignee, or an admin."""
    id, wanted = uuid_in_path(task, "task_id"), uuid_in_path(file, "file_id")
    found = await handler.load(wanted, ATTACHMENTS)
    if found.owner != SPACE or found.state.task != id:
        raise file_not_found()
    try:
        await detach(handler, objects, wanted, command)
    except NotFound:
        raise file_not_found() from None
    except Forbidden:
        raise not_authorized() from None


async def received(request: WireRequest, objects: Store) -> list[StoredFile]:
    """The parts named `files`; others are passed over. Raises `Answer`."""
    settings: Settings = request.app.state.settings
    allowed, limit = settings.taskhub_file_types, settings.taskhub_max_file_bytes

    def takes(part: MultipartSegment) -> bool:
        if part.name != "files" or not part.filename:
            return False
        kind = part.content_type or None
        if (kind or "").partition(";")[0].strip().lower() not in allowed:
            raise detail(400, f"File type {kind} not allowed")
        return True

    try:
        return await store_files(request, objects, limit=limit, parts=("files",), takes=takes)
    except TooLarge as refusal:
        name = refusal.extra.get("file", "")
        raise detail(400, f"File {name} exceeds maximum size of {limit} bytes") from None
    except Invalid as refusal:
        raise refused(refusal) from None
    except Rejected as rejected:
        if rejected.status_code == 415:
            raise unprocessable([missing(("body", "files"), None)]) from None
        raise unreadable() from None


def refused(refusal: Invalid) -> Answer:
    match refusal.code:
        case "no-files":
            return unprocessable([missing(("body", "files"), None)])
        case "file-type-not-allowed":
            return detail(400, f"File type {refusal.extra.get('content_type')} not allowed")
    return detail(400, refusal.detail)


def file_not_found() -> Answer:
    return detail(404, "File not found")


FILES_OF_TASKS = Router(
    path="/api/tasks/{task:str}/files",
    route_handlers=[add_files, list_files, one_file, delete_file],
)
