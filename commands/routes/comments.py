"""The comment commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from commands.accounts import normal
from commands.base import Stream
from commands.comments import (
    COMMENTS,
    AddComment,
    Comment,
    DeleteComment,
    EditComment,
    mentioned,
)
from commands.handler import Handler, Outcome
from commands.routes.answers import answer_with, empty_answer
from commands.routes.tasks import workspace_of
from events.append import CommandRequest
from events.ids import new_id
from events.refusals import NotFound
from gateway.http import Body
from gateway.resources.comments import CommentResource, CommentText
from gateway.resources.markdown import render


class CommentBody(Body, frozen=True):
    content: CommentText


@post("/tasks/{task:uuid}/comments", operation_id="addComment", status_code=201)
async def add_comment(
    task: FromPath[UUID],
    data: JSONBody[CommentBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[CommentResource]:
    """Comment on a task. Its creator, its assignee and whom the text mentions are told."""
    command = AddComment(
        stream=new_id(),
        workspace=await workspace_of(handler, task),
        task=task,
        content=data.content,
        mentions=await accounts_named(handler, data.content),
    )
    return comment_answer(await handler.handle([command], command_request), status=201)


@patch("/comments/{comment:uuid}", operation_id="editComment")
async def edit_comment(
    comment: FromPath[UUID],
    data: JSONBody[CommentBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[CommentResource]:
    """Change what you wrote. Only those whom it did not mention before are told."""
    command = EditComment(
        stream=comment,
        task=await task_of(handler, comment),
        content=data.content,
        mentions=await accounts_named(handler, data.content),
    )
    return comment_answer(await handler.handle([command], command_request))


@delete("/comments/{comment:uuid}", operation_id="deleteComment", status_code=204)
async def delete_comment(
    comment: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Delete what you wrote, or as an admin of the workspace what anybody wrote."""
    command = DeleteComment(stream=comment, task=await task_of(handler, comment))
    outcome = await handler.handle([command], command_request)
    return empty_answer(outcome)


async def task_of(handler: Handler, comment: UUID) -> UUID:
    """Raises `NotFound` for what is no comment."""
    stream = await handler.load(comment, COMMENTS, fresh=False)
    if stream.state.task is None:
        raise NotFound("there is no such comment")
    return stream.state.task


async def accounts_named(handler: Handler, content: str) -> tuple[UUID, ...]:
    """Whom `@username` names, members or not."""
    found = [await handler.claimed_by("username", normal(name)) for name in mentioned(content)]
    return tuple(dict.fromkeys(account for account in found if account is not None))


def comment_answer(outcome: Outcome, *, status: int = 200) -> Response[CommentResource]:
    resource = comment_resource(outcome.stream)
    return answer_with(resource, outcome, place="/v1/comments", status=status)


def comment_resource(stream: Stream[Comment]) -> CommentResource:
    comment = stream.state
    assert stream.owner is not None
    assert stream.created_at is not None
    assert comment.task is not None
    return CommentResource(
        id=stream.id,
        number=stream.number,
        workspace=stream.owner,
        task=comment.task,
        author=stream.created_by,
        content=comment.content,
        content_html=render(comment.content),
        mentions=list(comment.mentions),
        created_at=stream.created_at,
        edited_at=comment.edited_at,
        deleted_at=None,
        version=stream.version,
    )


COMMENT_ROUTES: list[Any] = [add_comment, edit_comment, delete_comment]
COMMENT_COMMANDS = Router(path="/", route_handlers=COMMENT_ROUTES, tags=["comments"])
