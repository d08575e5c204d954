"""The post queries over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from events.envelope import Caller
from events.posts import PostStatus
from gateway.http import HttpRequest
from gateway.resources.history import HistoryItem
from gateway.resources.markdown import render
from gateway.resources.posts import PostResource, RenderedPost, Slug
from gateway.resources.text import TagText
from projections.posts import evolve_post
from queries.paging import Page
from queries.posts import POSTS, PostFilter, PostRow, PostSort, views_seen
from queries.routes.history import history_answer
from queries.routes.listed import (
    Past,
    Slice,
    list_answer,
    one_answer,
    past_answer,
    provide_past,
    provide_slice,
)
from queries.routes.tasks import (
    Bound,
    CursorText,
    Limit,
    MinPosition,
    Search,
    account_of,
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
    created_from: Bound = None,
    created_to: Bound = None,
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


@get(
    "/posts",
    operation_id="listPosts",
    dependencies={"wanted": Provide(provide_post_filter), "part": Provide(provide_slice)},
)
async def list_of_posts(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    wanted: NamedDependency[PostFilter],
    part: NamedDependency[Slice],
    sort: FromQuery[PostSort] = "created_at",
) -> Response[Page[PostResource]]:
    """The posts of your workspaces, narrowed and sorted. Ranges by date take in both days."""
    return await list_answer(
        request, queries, caller, POSTS, wanted, sort, part, show=listed, reads=_SHOWN
    )


@get("/posts/{post:uuid}", operation_id="getPost")
async def one_post(
    post: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[RenderedPost]:
    """One post, with its version as ETag."""
    return await one_answer(queries, caller, POSTS, post, min_position, show=rendered, reads=_SHOWN)


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


@get(
    "/posts/{post:uuid}/as-of",
    operation_id="getPostAsOf",
    dependencies={"past": Provide(provide_past)},
)
async def post_as_of(
    post: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    past: NamedDependency[Past],
) -> Response[RenderedPost]:
    """The post as it was at a version or at an instant: exactly one of the two. The views are
    those of now."""
    return await past_answer(
        queries,
        caller,
        POSTS,
        post,
        past,
        evolve_post,
        show=rendered,
        reads=_SHOWN,
        beside=views_seen,
    )


def listed(row: PostRow) -> PostResource:
    return PostResource(**shown_fields(row))


def rendered(row: PostRow) -> RenderedPost:
    return RenderedPost(**shown_fields(row), content_html=render(row.content))


POST_QUERIES = Router(path="/", route_handlers=[list_of_posts, one_post], tags=["posts"])
POST_HISTORY = Router(path="/", route_handlers=[post_history, post_as_of], tags=["history"])
