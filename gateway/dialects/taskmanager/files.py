"""Task Manager's files, on their task and by themselves."""

from pathlib import PurePath
from typing import Any

from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from multipart import MultipartSegment  # type: ignore[import-untyped]

from commands.handler import Handler
from commands.routes.attachments import attach, detach
from commands.routes.uploads import Store, StoredFile, store_files
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Invalid, NotFound, TooLarge
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import (
    WireRequest,
    detail,
    missing,
    unprocessable,
    unreadable,
)
from gateway.dialects.private import LISTED, at_head, space_of
from gateway.dialects.taskmanager import words
from gateway.dialects.taskmanager.reading import own_file, own_task
from gateway.dialects.taskmanager.shown import shown_file, shown_upload
from gateway.http import Rejected
from queries.attachments import Contents, get_attachment, of_tasks
from queries.routes.attachments import download
from queries.services import Queries

Json = dict[str, Any]
MAX_BYTES = 10 << 20
EXTENSIONS = (".jpg", ".jpeg", ".png", ".gif", ".pdf", ".doc", ".docx", ".txt", ".zip")


@post("/", status_code=201, request_max_body_size=None)
async def add_file(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    objects: NamedDependency[Store],
    command: NamedDependency[CommandRequest],
) -> Json:
    own = await own_task(handler, member, task)
    file = await received(request, objects)
    try:
        outcome = await attach(handler, objects, space_of(member), own.id, [file], command)
    except NotFound:
        raise words.task_not_found(own.number) from None
    return shown_upload(outcome.stream, own.number)


@get("/")
async def list_files(
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
) -> list[Json]:
    """The oldest first."""
    own = await own_task(handler, member, task)
    await at_head(queries, member, "attachments")
    rows = (await of_tasks(queries.database, [own.id]))[own.id]
    return [shown_file(row) for row in reversed(rows)]


# Its code had the prefix twice, its README once.
@get(["/{file:str}", "/files/{file:str}"], media_type="application/octet-stream")
async def one_file(
    request: WireRequest,
    file: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Contents],
) -> Stream:
    own = await own_file(handler, member, file, doing="download")
    await at_head(queries, member, "attachments", *LISTED)
    try:
        row = await get_attachment(queries.database, account=account_of(member), attachment=own.id)
        head_only = request.scope["state"].get("head", False)
        return await download(row, objects, head_only=head_only)
    except NotFound:
        raise words.file_not_found(own.number) from None


@delete(["/{file:str}", "/files/{file:str}"], status_code=204)
async def delete_file(
    file: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    objects: NamedDependency[Store],
    command: NamedDependency[CommandRequest],
) -> None:
    own = await own_file(handler, member, file, doing="delete")
    try:
        await detach(handler, objects, own.id, command)
    except NotFound:
        raise words.file_not_found(own.number) from None


async def received(request: WireRequest, objects: Store) -> StoredFile:
    """The part named `file`; others are passed over. Raises `Answer`."""

    def takes(part: MultipartSegment) -> bool:
        if part.name != "file" or not part.filename:
            return False
        ending = PurePath(part.filename).suffix.lower()
        if ending not in EXTENSIONS:
            allowed = ", ".join(EXTENSIONS)
            raise detail(400, f"File type {ending} not allowed. Allowed types: {allowed}")
        return True

    try:
        [file] = await store_files(
            request, objects, limit=MAX_BYTES, parts=("file",), most=1, takes=takes
        )
    except TooLarge:
        raise detail(400, f"File too large. Max size: {MAX_BYTES / (1 << 20)} MB") from None
    except Invalid as refusal:
        if refusal.code == "no-files":
            raise unprocessable([missing(("body", "file"), None)]) from None
        raise detail(400, refusal.detail) from None
    except Rejected as rejected:
        if rejected.status_code == 415:
            raise unprocessable([missing(("body", "file"), None)]) from None
        raise unreadable() from None
    return file


FILES_OF_TASKS = Router(path="/tasks/{task:str}/files", route_handlers=[add_file, list_files])
FILES = Router(path="/files", route_handlers=[one_file, delete_file])
