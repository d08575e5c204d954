"""TaskFlow's `/posts`: each user's own, counted each time that one is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Command, Stream
from commands.handler import Handler
from commands.posts import POSTS, CreatePost, DeletePost, EditPost, Post, RetagPost
from commands.routes.post_bodies import status_change
from commands.routes.tagging import handle_tagging
from commands.slugs import CLAIM, free_number
from commands.tagging import Tagging
from commands.view_counter import ViewCounter
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.posts import PostStatus
from events.refusals import Unavailable
from gateway.dialects.fastapi import WireRequest, body_of, kept, query_of, shown_moment
from gateway.dialects.private import at_head, space_of, tag_names, tag_texts
from gateway.dialects.taskflow.asking import found
from gateway.dialects.taskflow.notes import missing_is
from gateway.dialects.taskflow.shown import Json
from gateway.dialects.taskflow.wire import NewPost, PostChanges, PostQuery
from queries.listed import all_in
from queries.posts import POSTS as LISTED
from queries.posts import PostFilter, PostRow
from queries.services import Queries


@post("/", status_code=201)
async def create_post(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NewPost)
    space = space_of(command.caller)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        status = cast(PostStatus, wanted.status or "draft")
        published = status == "published"
        create = CreatePost(
            stream=new_id(),
            workspace=space,
            title=wanted.title,
            content=wanted.content,
            status=status,
            slug_number=await free_number(handler, space, wanted.title) if published else 1,
            tags=tuple(await tagging.as_typed(space, wanted.tags or ())),
        )
        return [*tagging.commands, create]

    created = (await handle_tagging(handler, commands, command, CLAIM)).stream
    return await shown(handler, created, views=0)


@get("/")
async def list_posts(
    request: WireRequest, member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> list[Json]:
    """All of them, the newest first. That is no view."""
    asked = query_of(request, PostQuery)
    await at_head(queries, member, "posts", "tasks")
    rows = await all_in(
        queries.database, LISTED, workspace=space_of(member), wanted=wanted_of(asked)
    )
    return [shown_row(row) for row in rows]


@get("/{post:str}")
async def one_post(
    request: WireRequest,
    post: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    view_counter: NamedDependency[ViewCounter],
    command: NamedDependency[CommandRequest],
) -> Json:
    """That is a view, and already counted in what is shown; to ask for the headers is none.
    While the store is away it is shown as it is remembered here, and nobody is counted."""
    try:
        own = await found(handler, POSTS, member, post)
    except Unavailable:
        own = await found(handler, POSTS, member, post, fresh=False)
    if request.scope["state"].get("head"):
        return await shown(handler, own, views=await view_counter.of(own.id))
    with missing_is("post"):
        views = await view_counter.seen(own.id, command)
    return await shown(handler, own, views=views)


@put("/{post:str}")
async def change_post(
    request: WireRequest,
    post: FromPath[str],
    handler: NamedDependency[Handler],
    view_counter: NamedDependency[ViewCounter],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, PostChanges)
    own = await found(handler, POSTS, command.caller, post)
    with missing_is("post"):
        outcome = await handle_tagging(
            handler, lambda: changes(handler, own, wanted), command, CLAIM
        )
    return await shown(handler, outcome.stream, views=await view_counter.of(own.id))


@delete("/{post:str}", status_code=204)
async def delete_post(
    post: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    own = await found(handler, POSTS, command.caller, post)
    with missing_is("post"):
        await handler.handle([DeletePost(stream=own.id)], command)


async def changes(handler: Handler, post: Stream[Post], wanted: PostChanges) -> list[Command]:
    edit = EditPost(stream=post.id, title=kept(wanted.title), content=kept(wanted.content))
    commands: list[Command] = [edit]
    if wanted.status is not None:
        status = cast(PostStatus, wanted.status)
        commands.append(await status_change(handler, post.id, status, wanted.title))
    tagging = Tagging(handler)
    if wanted.tags is not None:
        assert post.owner is not None, "it was created"
        tags = tuple(await tagging.as_typed(post.owner, wanted.tags))
        commands.append(RetagPost(stream=post.id, tags=tags))
    return [*tagging.commands, *commands]


def wanted_of(asked: PostQuery) -> PostFilter:
    status = asked.status or asked.status_filter
    return PostFilter(
        statuses=[cast(PostStatus, status)] if status else (),
        text=asked.search,
    )


async def shown(handler: Handler, post: Stream[Post], *, views: int) -> Json:
    assert post.created_at is not None, "it was created"
    assert post.updated_at is not None, "it was created"
    tags = tag_names(await tag_texts(handler, post.state.tags))
    return shown_post(post.number, post.state, tags, views, post.created_at, post.updated_at)


def shown_row(row: PostRow) -> Json:
    return shown_post(
        row.number, row, tag_names(row.tags), row.views, row.created_at, row.updated_at
    )


def shown_post(
    number: int,
    post: Post | PostRow,
    tags: Sequence[str],
    views: int,
    created_at: datetime,
    updated_at: datetime,
) -> Json:
    return {
        "id": number,
        "title": post.title,
        "content": post.content,
        "status": post.status,
        "tags": list(tags),
        "view_count": views,
        "created_at": shown_moment(created_at),
        "updated_at": shown_moment(updated_at),
    }


POST_ROUTES = Router(
    path="/posts", route_handlers=[create_post, list_posts, one_post, change_post, delete_post]
)
