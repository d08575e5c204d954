"""The post queries over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from events.envelope import Caller
from events.posts import PostStatus
from gateway.http import HttpRequest, etag
from gateway.resources.history import HistoryItem
from gateway.resources.markdown import render
from gateway.resources.posts import PostResource, RenderedPost, Slug
from gateway.resources.tasks import Moment
from gateway.resources.text import TagText
from projections.posts import evolve_post
from queries.history import around, row_of, view_at
from queries.lists import Order
from queries.paging import Page
from queries.posts import (
    AskedPosts,
    PostFilter,
    PostRow,
    PostSort,
    get_post,
    list_posts,
    views_seen,
)
from queries.routes.history import AsOf, Version, asked_moment, history_answer
from queries.routes.tasks import (
    CursorText,
    Limit,
    MinPosition,
    Search,
    account_of,
    page_headers,
    range_begin,
    range_end,
    shown_fields,
)
from queries.services import Queries

_SHOWN = ("posts", "tasks", "workspaces")


async def provide_post_filter(
    workspace: FromQuery[list[UUID] | None] = None,
    status: FromQuery[list[PostStatus] | None] = None,
    slug: FromQuery[Slug | None] = None,
    tag: FromQuery[list[TagText] | None] = None,
    created_from: FromQuery[Moment | None] = None,
    created_to: FromQuery[Moment | None] = None,
    q: Search = None,
    deleted: FromQuery[bool] = False,
) -> PostFilter:
    return PostFilter(
        workspaces=tuple(workspace or ()),
        statuses=tuple(status or ()),
        slug=slug,
        tags=tuple(tag or ()),
        created_from=range_begin(created_from, "created_from"),
        created_to=range_end(created_to, "created_to"),
        text=q,
        deleted=deleted,
    )


@get("/posts", operation_id="listPosts", dependencies={"wanted": Provide(provide_post_filter)})
async def list_of_posts(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    wanted: NamedDependency[PostFilter],
    sort: FromQuery[PostSort] = "created_at",
    order: FromQuery[Order] = "desc",
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[PostResource]]:
    """The posts of your workspaces, narrowed and sorted. Ranges by date take in both days."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *_SHOWN)
    asked = AskedPosts(
        log=queries.log_id,
        account=account,
        wanted=wanted,
        sort=sort,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    page = await list_posts(queries.database, asked)
    items = [PostResource(**shown_fields(row)) for row in page.items]
    headers = page_headers(request, position, page.next_cursor)
    return Response(Page(items, page.next_cursor), headers=headers)


@get("/posts/{post:uuid}", operation_id="getPost")
async def one_post(
    post: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[RenderedPost]:
    """One post, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *_SHOWN)
    row = await get_post(queries.database, account=account, post=post)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(rendered(row), headers=headers)


@get("/posts/{post:uuid}/history", operation_id="getPostHistory")
async def post_history(
    request: HttpRequest,
    post: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[HistoryItem]]:
    """Everything that happened to a post, oldest first, also to a deleted one."""
    return await history_answer(
        request, queries, account_of(caller), "post", post, limit, cursor, min_position
    )


@get("/posts/{post:uuid}/as-of", operation_id="getPostAsOf")
async def post_as_of(
    post: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    version: Version = None,
    moment: AsOf = None,
) -> Response[RenderedPost]:
    """The post as it was at a version or at an instant: exactly one of the two. The views are
    those of now."""
    account, at = account_of(caller), asked_moment(version, moment)
    await queries.freshness.demand(account, None, *_SHOWN)
    view = await view_at(
        queries.reader,
        queries.database,
        account=account,
        noun="post",
        id=post,
        evolve=evolve_post,
        version=version,
        moment=at,
    )
    _, tags = await around(queries.database, view.workspace, view.tags)
    views = await views_seen(queries.database, post)
    shown = rendered(row_of(PostRow, view, tags, views=views))
    return Response(shown, headers={"ETag": etag(view.version)})


def rendered(row: PostRow) -> RenderedPost:
    return RenderedPost(**shown_fields(row), content_html=render(row.content))


POST_QUERIES = Router(path="/", route_handlers=[list_of_posts, one_post], tags=["posts"])
POST_HISTORY = Router(path="/", route_handlers=[post_history, post_as_of], tags=["history"])
