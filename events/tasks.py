"""What can happen to a task."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from events.base import Fact, Priority


class TaskCreated(Fact, frozen=True):
    """A start or due moment is a date or an instant: at most one of each pair is set. `number` is
    the one that an imported task had before."""

    title: str
    description: str | None = None
    priority: Priority = "medium"
    start_on: date | None = None
    start_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    notify_overdue: bool = True
    number: int | None = None


class TaskEdited(Fact, frozen=True):
    """Only what changed is set. A moment that changes sets both of its pair, one of them null."""

    title: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    start_on: date | None | UnsetType = UNSET
    start_at: datetime | None | UnsetType = UNSET
    due_on: date | None | UnsetType = UNSET
    due_at: datetime | None | UnsetType = UNSET
    notify_overdue: bool | UnsetType = UNSET


class TaskStarted(Fact, frozen=True):
    pass


class TaskCompleted(Fact, frozen=True):
    pass


class TaskReopened(Fact, frozen=True):
    pass


class TaskAssigned(Fact, frozen=True):
    assignee: UUID


class TaskUnassigned(Fact, frozen=True):
    assignee: UUID


class TaskTagged(Fact, frozen=True):
    tag: UUID


class TaskUntagged(Fact, frozen=True):
    tag: UUID


class TaskFellOverdue(Fact, frozen=True):
    """Announces, once and in a stream of its own, that the task's due moment passed. No state
    follows from it: that is computed when it is read, and the task's version stays as it is.
    `audience` is whom it concerns: the assignee, else the creator."""

    task: UUID
    due_on: date | None = None
    due_at: datetime | None = None
    audience: tuple[UUID, ...] = ()


class TaskDeleted(Fact, frozen=True):
    pass


class TaskRestored(Fact, frozen=True):
    pass


TaskEvent = (
    TaskCreated
    | TaskEdited
    | TaskStarted
    | TaskCompleted
    | TaskReopened
    | TaskAssigned
    | TaskUnassigned
    | TaskTagged
    | TaskUntagged
    | TaskDeleted
    | TaskRestored
)
