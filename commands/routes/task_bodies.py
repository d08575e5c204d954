"""What the task routes take, and which commands that means."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from commands.base import Command
from commands.tasks import (
    AssignTask,
    CompleteTask,
    CreateTask,
    EditTask,
    ReopenTask,
    RetagTask,
    StartTask,
)
from events.base import Priority
from events.ids import new_id
from events.refusals import Invalid
from gateway.http import Body, changes_in
from gateway.resources.tasks import Moment, Status, moment_kept
from gateway.resources.text import Markdown, TagText, Title

TagNames = Annotated[list[TagText], Meta(max_length=50)]

_STATUS: dict[Status, type[StartTask | CompleteTask | ReopenTask]] = {
    "todo": ReopenTask,
    "in_progress": StartTask,
    "completed": CompleteTask,
}


class TaskBody(Body, frozen=True):
    """A new task. Tags are named; those the workspace does not have yet are made."""

    title: Title
    workspace: UUID | None = None
    description: Markdown | None = None
    priority: Priority = "medium"
    status: Status = "todo"
    start: Moment | None = None
    due: Moment | None = None
    notify_overdue: bool = True
    assignee: UUID | None = None
    tags: TagNames = field(default_factory=list)


class TaskPatch(Body, frozen=True):
    """A merge patch (RFC 7396): what is absent stays, null clears."""

    title: Title | UnsetType = UNSET
    description: Markdown | None | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    start: Moment | None | UnsetType = UNSET
    due: Moment | None | UnsetType = UNSET
    notify_overdue: bool | UnsetType = UNSET
    assignee: UUID | None | UnsetType = UNSET
    tags: TagNames | UnsetType = UNSET


def creation(body: TaskBody, workspace: UUID, tags: Sequence[UUID]) -> CreateTask:
    return CreateTask(
        stream=new_id(),
        workspace=workspace,
        title=body.title.strip(),
        description=body.description,
        priority=body.priority,
        status=body.status,
        start=moment_kept(body.start, "start") if body.start is not None else None,
        due=moment_kept(body.due, "due") if body.due is not None else None,
        notify_overdue=body.notify_overdue,
        assignee=body.assignee,
        tags=tuple(tags),
    )


def changes(task: UUID, patch: TaskPatch, tags: Sequence[UUID]) -> list[Command]:
    """The commands that a patch stands for. Raises `Invalid` for an empty one."""
    edits: dict[str, Any] = dict(
        changes_in(patch, "title", "description", "priority", "start", "due", "notify_overdue")
    )
    if "title" in edits:
        edits["title"] = edits["title"].strip()
    for name in ("start", "due"):
        if edits.get(name) is not None:
            edits[name] = moment_kept(edits[name], name)
    commands: list[Command] = [EditTask(stream=task, **edits)] if edits else []
    if patch.status is not UNSET:
        commands.append(_STATUS[patch.status](stream=task))
    if patch.assignee is not UNSET:
        commands.append(AssignTask(stream=task, assignee=patch.assignee))
    if patch.tags is not UNSET:
        commands.append(RetagTask(stream=task, tags=tuple(tags)))
    if not commands:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    return commands
