"""What may be done to a file on a task."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.base import RANK, Command, Context, Decider
from commands.file_types import BY_MEDIA_TYPE, checked_name
from events.attachments import AttachmentAdded, AttachmentEvent, AttachmentRemoved
from events.base import Fact
from events.refusals import Conflict, Forbidden, Invalid, NotFound


class AddAttachment(Command, frozen=True, kw_only=True):
    """The object is stored already, under the stream's id."""

    workspace: UUID
    task: UUID
    name: str
    content_type: str
    size: int
    sha256: str


class RemoveAttachment(Command, frozen=True, kw_only=True):
    task: UUID


AttachmentCommand = AddAttachment | RemoveAttachment


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    task: UUID | None = None
    name: str = ""
    content_type: str = ""
    size: int = 0
    sha256: str = ""
    object_key: UUID | None = None
    removed: bool = False


def evolve(attachment: Attachment, event: AttachmentEvent, at: datetime) -> Attachment:
    match event:
        case AttachmentAdded():
            fields = msgspec.structs.asdict(event)
            del fields["number"]  # which the stream has
            return Attachment(**fields)
        case AttachmentRemoved():
            return replace(attachment, removed=True)


def decide(command: AttachmentCommand, attachment: Attachment, context: Context) -> Sequence[Fact]:
    match command:
        case AddAttachment():
            return add(command, attachment, context)
        case RemoveAttachment():
            return remove(command, attachment, context)


def add(command: AddAttachment, attachment: Attachment, context: Context) -> Sequence[Fact]:
    if attachment.task is not None:
        raise Conflict("an attachment with this id exists already", code="exists", field="id")
    task = context.related[command.task]
    if task.owner != command.workspace or not _there(command.task, context):
        raise NotFound("there is no such task")
    if command.size <= 0:
        raise empty_file(command.name)
    if command.content_type not in BY_MEDIA_TYPE:
        raise Invalid(
            f"files of the type {command.content_type} are not taken",
            code="file-type-not-allowed",
            field="files",
        )
    return [
        AttachmentAdded(
            task=command.task,
            name=checked_name(command.name),
            content_type=command.content_type,
            size=command.size,
            sha256=command.sha256,
            object_key=command.stream,
        )
    ]


def remove(command: RemoveAttachment, attachment: Attachment, context: Context) -> Sequence[Fact]:
    if attachment.removed or attachment.task != command.task or not _there(command.task, context):
        raise NotFound("there is no such attachment")
    account = context.caller.account
    assert account is not None, "only a member gets here"
    task = context.related[command.task]
    uploader = context.related[command.stream].created_by
    concerned = (uploader, task.created_by, task.state.assignee)
    if account not in concerned and RANK[context.members[account]] < RANK["admin"]:
        raise Forbidden(
            "only its uploader, the task's creator or assignee, or an admin of the workspace may"
            " remove a file",
            code="not-the-uploader",
        )
    return [AttachmentRemoved()]


def empty_file(name: str) -> Invalid:
    return Invalid(f"{name} is empty", code="empty-file", field="files", file=name)


def _there(task: UUID, context: Context) -> bool:
    state = context.related[task].state
    return bool(state.exists and not state.deleted_at)


def reads(command: Any) -> Mapping[UUID, str]:
    """The attachment itself too, for who uploaded it."""
    return {command.task: "task", command.stream: "attachment"}


ATTACHMENTS = Decider(
    noun="attachment",
    initial=Attachment(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=dict.fromkeys(get_args(AttachmentCommand), "member"),
    reads=reads,
)
