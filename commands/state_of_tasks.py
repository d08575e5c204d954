"""What a task has turned into, as far as decisions need it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from events.base import Priority
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEdited,
    TaskEvent,
    TaskFellOverdue,
    TaskReopened,
    TaskRestored,
    TaskStarted,
    TaskTagged,
    TaskUnassigned,
    TaskUntagged,
)

Status = Literal["todo", "in_progress", "completed"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    exists: bool = False
    title: str = ""
    description: str | None = None
    priority: Priority = "medium"
    status: Status = "todo"
    start_on: date | None = None
    start_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    notify_overdue: bool = True
    assignee: UUID | None = None
    tags: tuple[UUID, ...] = ()
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None


def evolve(task: Task, event: TaskEvent | TaskFellOverdue, at: datetime) -> Task:
    """An announcement has the noun of its task and a stream of its own: there is no task in it."""
    match event:
        case TaskCreated():
            return _created(event)
        case TaskEdited():
            return replace(task, **_changes(event))
        case TaskStarted():
            return replace(task, status="in_progress", started_at=at)
        case TaskCompleted():
            return replace(task, status="completed", completed_at=at)
        case TaskReopened():
            return replace(task, status="todo", started_at=None, completed_at=None)
        case TaskAssigned():
            return replace(task, assignee=event.assignee)
        case TaskUnassigned():
            return replace(task, assignee=None)
        case TaskTagged():
            return replace(task, tags=(*task.tags, event.tag))
        case TaskUntagged():
            return replace(task, tags=tuple(tag for tag in task.tags if tag != event.tag))
        case TaskDeleted():
            return replace(task, deleted_at=at)
        case TaskRestored():
            return replace(task, deleted_at=None)
        case TaskFellOverdue():
            return task


def _created(event: TaskCreated) -> Task:
    fields = msgspec.structs.asdict(event)
    del fields["number"]  # which the stream has
    return Task(exists=True, **fields)


def _changes(event: TaskEdited) -> dict[str, Any]:
    fields = msgspec.structs.asdict(event)
    return {name: value for name, value in fields.items() if value is not UNSET}
