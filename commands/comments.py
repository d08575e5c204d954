"""What may be done to a comment on a task."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.base import RANK, Command, Context, Decider
from events.base import Fact, Role
from events.comments import CommentAdded, CommentDeleted, CommentEdited, CommentEvent
from events.refusals import Conflict, Forbidden, Invalid, NotFound

MAX_MENTIONS = 50
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_MENTION = re.compile(r"(?<![\w@./+-])@([A-Za-z0-9][A-Za-z0-9._-]{2,49})(?![\w@-])")


class AddComment(Command, frozen=True, kw_only=True):
    """`mentions` are the accounts that the text names; only members among them are told."""

    workspace: UUID
    task: UUID
    content: str
    mentions: tuple[UUID, ...] = ()


class EditComment(Command, frozen=True, kw_only=True):
    task: UUID
    content: str
    mentions: tuple[UUID, ...] = ()


class DeleteComment(Command, frozen=True, kw_only=True):
    task: UUID


CommentCommand = AddComment | EditComment | DeleteComment


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """`mentions` are all that its text ever named: nobody is told of it twice."""

    task: UUID | None = None
    content: str = ""
    mentions: tuple[UUID, ...] = ()
    edited_at: datetime | None = None
    deleted: bool = False


def evolve(comment: Comment, event: CommentEvent, at: datetime) -> Comment:
    match event:
        case CommentAdded():
            return Comment(task=event.task, content=event.content, mentions=event.mentions)
        case CommentEdited():
            told = (*comment.mentions, *event.mentions)
            return replace(comment, content=event.content, mentions=told, edited_at=at)
        case CommentDeleted():
            return replace(comment, content="", deleted=True)


def decide(command: CommentCommand, comment: Comment, context: Context) -> Sequence[Fact]:
    if isinstance(command, AddComment):
        return add(command, comment, context)
    if comment.deleted or comment.task != command.task or not _there(command.task, context):
        raise NotFound("there is no such comment")
    match command:
        case EditComment():
            return edit(command, comment, context)
        case DeleteComment():
            return delete(command, context)


def add(command: AddComment, comment: Comment, context: Context) -> Sequence[Fact]:
    if comment.task is not None:
        raise Conflict("a comment with this id exists already", code="exists", field="id")
    task = context.related[command.task]
    if task.owner != command.workspace or not _there(command.task, context):
        raise NotFound("there is no such task")
    concerned = dict.fromkeys((task.created_by, task.state.assignee))
    return [
        CommentAdded(
            task=command.task,
            content=_visible(command.content),
            mentions=_members(command.mentions, context),
            audience=tuple(account for account in concerned if account in context.members),
        )
    ]


def edit(command: EditComment, comment: Comment, context: Context) -> Sequence[Fact]:
    if context.related[command.stream].created_by != context.caller.account:
        raise Forbidden("only its author may edit a comment", code="not-the-author")
    if command.content == comment.content:
        return []
    named = [account for account in command.mentions if account not in comment.mentions]
    return [CommentEdited(content=_visible(command.content), mentions=_members(named, context))]


def delete(command: DeleteComment, context: Context) -> Sequence[Fact]:
    account = context.caller.account
    assert account is not None, "only a member gets here"
    author = context.related[command.stream].created_by
    if account != author and RANK[context.members[account]] < RANK["admin"]:
        raise Forbidden(
            "only its author or an admin of the workspace may delete a comment",
            code="not-the-author",
        )
    return [CommentDeleted()]


def mentioned(content: str) -> Sequence[str]:
    """The usernames in a text, outside of its code. Raises `Invalid` for too many."""
    names = dict.fromkeys(
        name
        for found in _MENTION.findall(_CODE.sub(" ", content))
        for name in (found, found.rstrip("._-"))
    )
    if len(names) > 2 * MAX_MENTIONS:
        raise Invalid(
            f"a comment may mention at most {MAX_MENTIONS} people",
            code="too-many-mentions",
            field="content",
        )
    return list(names)


def _there(task: UUID, context: Context) -> bool:
    state = context.related[task].state
    return bool(state.exists and not state.deleted_at)


def _visible(content: str) -> str:
    if not content.strip():
        raise Invalid("must hold some text", code="blank", field="content")
    return content


def _members(accounts: Sequence[UUID], context: Context) -> tuple[UUID, ...]:
    return tuple(account for account in dict.fromkeys(accounts) if account in context.members)


def reads(command: Any) -> Mapping[UUID, str]:
    """The comment itself too, for who wrote it."""
    return {command.task: "task", command.stream: "comment"}


_ROLES: dict[type[Command], Role] = {
    AddComment: "member",
    EditComment: "member",
    DeleteComment: "member",
}

COMMENTS = Decider(
    noun="comment",
    initial=Comment(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
    reads=reads,
)
