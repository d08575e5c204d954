"""The attachment queries over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from gateway.resources.attachments import (
    AttachmentLink,
    AttachmentResource,
    content_headers,
    disposition,
)
from queries.attachments import AttachmentRow, Contents, get_attachment, list_attachments
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries

OCTETS = "application/octet-stream"
Minutes = Annotated[int, QueryParameter(description="How long it leads there.", ge=1, le=60)]


@get("/tasks/{task:uuid}/attachments", operation_id="listAttachments")
async def list_of_attachments(
    request: HttpRequest,
    task: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[AttachmentResource]]:
    """The files on a task, the newest first."""
    account = account_of(caller)
    position = await _demand(queries, account, min_position)
    page = await list_attachments(
        queries.database,
        log=queries.log_id,
        account=account,
        task=task,
        limit=limit,
        cursor=cursor,
    )
    items = [attachment_resource(row) for row in page.items]
    headers = page_headers(request, position, page.next_cursor)
    return Response(Page(items, page.next_cursor), headers=headers)


@get("/attachments/{attachment:uuid}", operation_id="getAttachment")
async def one_attachment(
    attachment: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[AttachmentResource]:
    """What is known of a file, with its version as ETag."""
    account = account_of(caller)
    position = await _demand(queries, account, min_position)
    row = await get_attachment(queries.database, account=account, attachment=attachment)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(attachment_resource(row), headers=headers)


@get(
    "/attachments/{attachment:uuid}/content",
    operation_id="downloadAttachment",
    media_type=OCTETS,
    opt={"answer": OCTETS},
)
async def content_of_attachment(
    request: HttpRequest,
    attachment: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Contents],
    min_position: MinPosition = None,
) -> Stream:
    """The file itself."""
    account = account_of(caller)
    await _demand(queries, account, min_position)
    row = await get_attachment(queries.database, account=account, attachment=attachment)
    head_only = request.scope["state"].get("head", False)
    return await download(row, objects, head_only=head_only)


@get("/attachments/{attachment:uuid}/link", operation_id="linkAttachment")
async def link_to_attachment(
    attachment: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Contents],
    minutes: Minutes = 5,
    min_position: MinPosition = None,
) -> Response[AttachmentLink]:
    """A link to the file that needs no token, for a browser or another program."""
    account = account_of(caller)
    position = await _demand(queries, account, min_position)
    row = await get_attachment(queries.database, account=account, attachment=attachment)
    link = AttachmentLink(
        url=objects.link(
            row.object_key,
            seconds=minutes * 60,
            headers={
                "content-type": row.content_type,
                "content-disposition": disposition(row.name),
            },
        ),
        expires_at=queries.now() + timedelta(minutes=minutes),
    )
    headers = {"Tasktrail-Position": str(position), "Cache-Control": "no-store"}
    return Response(link, headers=headers)


async def download(row: AttachmentRow, objects: Contents, *, head_only: bool = False) -> Stream:
    """It begins only when the object is there, so that a refusal is one."""
    content = None if head_only else await objects.open(row.object_key)
    headers = content_headers(row.name, row.content_type)
    headers |= {"Content-Length": str(row.size), "ETag": f'"{row.sha256}"'}
    return Stream(
        _nothing() if content is None else content.chunks,
        headers=headers,
        media_type=row.content_type,
    )


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _demand(queries: Queries, account: UUID, min_position: str | None) -> int:
    return await queries.freshness.demand(
        account, min_position, "attachments", "tasks", "workspaces"
    )


def attachment_resource(row: AttachmentRow) -> AttachmentResource:
    return AttachmentResource(
        id=row.id,
        number=row.number,
        workspace=row.workspace,
        task=row.task,
        uploader=row.uploader,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        created_at=row.created_at,
        version=row.version,
    )


ATTACHMENT_QUERIES = Router(
    path="/",
    route_handlers=[
        list_of_attachments,
        one_attachment,
        content_of_attachment,
        link_to_attachment,
    ],
    tags=["attachments"],
)
