"""TaskHub's comments: anybody writes them, only their author changes them."""

from typing import Any
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Stream
from commands.comments import COMMENTS, AddComment, Comment, DeleteComment, EditComment
from commands.handler import Handler
from commands.routes.comments import accounts_named
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import NotFound
from gateway.dialects.fastapi import Answer, WireRequest, body_of, detail, uuid_in_path
from gateway.dialects.taskhub.reading import (
    at_head,
    comments_of,
    demand_here,
    is_here,
    not_authorized,
    task_not_found,
)
from gateway.dialects.taskhub.space import SPACE
from gateway.dialects.taskhub.wire import NewComment
from queries.services import Queries

Json = dict[str, Any]


@post("/", status_code=201)
async def add_comment(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted, id = await body_of(request, NewComment), uuid_in_path(task, "task_id")
    await demand_here(queries, member, id)
    adding = AddComment(
        stream=new_id(),
        workspace=SPACE,
        task=id,
        content=wanted.content,
        mentions=await accounts_named(handler, wanted.content),
    )
    try:
        await handler.handle([adding], command)
    except NotFound:
        raise task_not_found() from None
    return await shown(queries, member, id, adding.stream)


@get("/")
async def list_comments(
    task: FromPath[str], member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> list[Json]:
    """The oldest first; of a task that is not there, none."""
    id = uuid_in_path(task, "task_id")
    await at_head(queries, member, "comments")
    if not await is_here(queries, id):
        return []
    return (await comments_of(queries, [id])).get(id, [])


@put("/{comment:str}")
async def change_comment(
    request: WireRequest,
    task: FromPath[str],
    comment: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted, id = await body_of(request, NewComment), uuid_in_path(task, "task_id")
    own = await _own(handler, id, uuid_in_path(comment, "comment_id"), member)
    mentions = await accounts_named(handler, wanted.content)
    editing = EditComment(stream=own.id, task=id, content=wanted.content, mentions=mentions)
    try:
        await handler.handle([editing], command)
    except NotFound:
        raise comment_not_found() from None
    return await shown(queries, member, id, own.id)


@delete("/{comment:str}", status_code=204)
async def delete_comment(
    task: FromPath[str],
    comment: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    id = uuid_in_path(task, "task_id")
    own = await _own(handler, id, uuid_in_path(comment, "comment_id"), member)
    try:
        await handler.handle([DeleteComment(stream=own.id, task=id)], command)
    except NotFound:
        raise comment_not_found() from None


async def _own(handler: Handler, task: UUID, comment: UUID, member: Caller) -> Stream[Comment]:
    """The member's own comment on that task of the shared workspace. Raises `Answer`."""
    found = await handler.load(comment, COMMENTS)
    state = found.state
    if found.owner != SPACE or state.task != task or state.deleted:
        raise comment_not_found()
    if found.created_by != member.account:
        raise not_authorized()
    return found


async def shown(queries: Queries, member: Caller, task: UUID, comment: UUID) -> Json:
    await at_head(queries, member, "comments")
    for each in (await comments_of(queries, [task])).get(task, []):
        if each["id"] == str(comment):
            return each
    raise comment_not_found()


def comment_not_found() -> Answer:
    return detail(404, "Comment not found")


COMMENTS_OF_TASKS = Router(
    path="/api/tasks/{task:str}/comments",
    route_handlers=[add_comment, list_comments, change_comment, delete_comment],
)
