"""The post commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec.structs import asdict, replace

from commands.base import Command, Stream
from commands.handler import Handler, Outcome
from commands.posts import (
    POSTS,
    ArchivePost,
    DeletePost,
    Post,
    RestorePost,
    TagPost,
    UnpublishPost,
    UntagPost,
)
from commands.routes.answers import answer_with, empty_answer, origin_of
from commands.routes.post_bodies import PostBody, PostPatch, changes, creation, publication
from commands.routes.tagging import TaggingBody, handle_tagging, owner_of, tags_shown
from commands.slugs import CLAIM
from commands.tagging import Tagging
from commands.view_counter import ViewCounter, views_in
from commands.views import VIEWS
from events.append import CommandRequest
from events.ids import personal_workspace_of
from events.posts import views_of
from gateway.http import answer
from gateway.resources.markdown import render
from gateway.resources.posts import PostViews, RenderedPost

PostAnswer = Response[RenderedPost]


@post("/posts", operation_id="createPost", status_code=201)
async def create_post(
    data: JSONBody[PostBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Write a post, in your personal workspace unless you name another."""
    workspace = data.workspace or personal_workspace_of(command_request.account)
    settling = () if data.slug else (CLAIM,)
    outcome = await handle_tagging(
        handler, lambda: creation(handler, data, workspace), command_request, *settling
    )
    return await post_answer(handler, outcome, status=201)


@patch("/posts/{post:uuid}", operation_id="editPost")
async def edit_post(
    post: FromPath[UUID],
    data: JSONBody[PostPatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Change a post by a merge patch. What changes nothing appends nothing."""
    settling = () if data.slug else (CLAIM,)
    outcome = await handle_tagging(
        handler, lambda: changes(handler, post, data), command_request, *settling
    )
    return await post_answer(handler, outcome)


@post("/posts/{post:uuid}/publish", operation_id="publishPost", status_code=200)
async def publish_post(
    post: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Publish it. The first time it gets its slug, made from the title if none was chosen."""

    async def commands() -> list[Command]:
        return [await publication(handler, post)]

    outcome = await handle_tagging(handler, commands, command_request, CLAIM)
    return await post_answer(handler, outcome)


@post("/posts/{post:uuid}/unpublish", operation_id="unpublishPost", status_code=200)
async def unpublish_post(
    post: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Make it a draft again. It keeps its slug."""
    return await one(handler, UnpublishPost(stream=post), command_request)


@post("/posts/{post:uuid}/archive", operation_id="archivePost", status_code=200)
async def archive_post(
    post: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Put it away. Publishing it, or making it a draft, takes it out again."""
    return await one(handler, ArchivePost(stream=post), command_request)


@post("/posts/{post:uuid}/tags", operation_id="tagPost", status_code=200)
async def tag_post(
    post: FromPath[UUID],
    data: JSONBody[TaggingBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Put a tag on it; a name that the workspace does not have yet is made."""

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        [tag] = await tagging.ids(await owner_of(handler, post, POSTS), [data.name])
        return [*tagging.commands, TagPost(stream=post, tag=tag)]

    return await post_answer(handler, await handle_tagging(handler, commands, command_request))


@delete("/posts/{post:uuid}/tags/{tag:uuid}", operation_id="untagPost", status_code=200)
async def untag_post(
    post: FromPath[UUID],
    tag: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Take a tag off it; one that is not on it changes nothing."""
    return await one(handler, UntagPost(stream=post, tag=tag), command_request)


@post("/posts/{post:uuid}/views", operation_id="viewPost", status_code=200)
async def view_post(
    post: FromPath[UUID],
    view_counter: NamedDependency[ViewCounter],
    command_request: NamedDependency[CommandRequest],
) -> Response[PostViews]:
    """Count one view. The post's version stays as it is, so this never meets an edit."""
    request = replace(command_request, if_match=None)
    outcome = await view_counter.count(post, request)
    shown = PostViews(post, views_in(outcome))
    return answer(shown, position=outcome.position, replayed=outcome.replayed)


@delete("/posts/{post:uuid}", operation_id="deletePost", status_code=204)
async def delete_post(
    post: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Delete it. Its history stays, and it can be restored."""
    return empty_answer(await handler.handle([DeletePost(stream=post)], command_request))


@post("/posts/{post:uuid}/restore", operation_id="restorePost", status_code=200)
async def restore_post(
    post: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> PostAnswer:
    """Undo a deletion."""
    return await one(handler, RestorePost(stream=post), command_request)


async def one(handler: Handler, command: Command, request: CommandRequest) -> PostAnswer:
    return await post_answer(handler, await handler.handle([command], request))


async def post_answer(handler: Handler, outcome: Outcome, *, status: int = 200) -> PostAnswer:
    resource = await post_resource(handler, outcome.stream)
    return answer_with(resource, outcome, place="/v1/posts", status=status)


async def post_resource(handler: Handler, stream: Stream[Post]) -> RenderedPost:
    views = await handler.load(views_of(stream.id), VIEWS)
    return RenderedPost(
        **{
            **asdict(stream.state),
            **origin_of(stream),
            "tags": await tags_shown(handler, stream.state.tags),
        },
        views=views.state.count,
        content_html=render(stream.state.content),
    )


POST_ROUTES: list[Any] = [
    create_post,
    edit_post,
    publish_post,
    unpublish_post,
    archive_post,
    tag_post,
    untag_post,
    view_post,
    delete_post,
    restore_post,
]
POST_COMMANDS = Router(path="/", route_handlers=POST_ROUTES, tags=["posts"])
