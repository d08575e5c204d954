"""The comment queries over HTTP."""

import asyncio
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from gateway.resources.comments import CommentResource
from gateway.resources.markdown import render
from queries.comments import CommentRow, get_comment, list_comments
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries


@get("/tasks/{task:uuid}/comments", operation_id="listComments")
async def list_of_comments(
    request: HttpRequest,
    task: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[CommentResource]]:
    """What was said about a task, the oldest first."""
    account = account_of(caller)
    position = await queries.freshness.demand(
        account, min_position, "comments", "tasks", "workspaces"
    )
    page = await list_comments(
        queries.database,
        log=queries.log_id,
        account=account,
        task=task,
        limit=limit,
        cursor=cursor,
    )
    items: list[CommentResource] = []
    for row in page.items:
        items.append(comment_resource(row))
        await asyncio.sleep(0)  # a page of long texts renders for a while
    headers = page_headers(request, position, page.next_cursor)
    return Response(Page(items, page.next_cursor), headers=headers)


@get("/comments/{comment:uuid}", operation_id="getComment")
async def one_comment(
    comment: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[CommentResource]:
    """One comment, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(
        account, min_position, "comments", "tasks", "workspaces"
    )
    row = await get_comment(queries.database, account=account, comment=comment)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(comment_resource(row), headers=headers)


def comment_resource(row: CommentRow) -> CommentResource:
    return CommentResource(
        id=row.id,
        number=row.number,
        workspace=row.workspace,
        task=row.task,
        author=row.author,
        content=row.content,
        content_html=None if row.content is None else render(row.content),
        mentions=list(row.mentions),
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        version=row.version,
    )


COMMENT_QUERIES = Router(
    path="/", route_handlers=[list_of_comments, one_comment], tags=["comments"]
)
