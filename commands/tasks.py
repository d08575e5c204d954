"""What may be done to a task, and what it then turns into."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.base import Command, Context, Decider
from commands.state_of_tasks import Status, Task, evolve
from commands.tags_of_tasks import arrange, retag, tag, untag
from events.base import Fact, Priority, Role
from events.refusals import Conflict, Invalid, NotFound
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEdited,
    TaskReopened,
    TaskRestored,
    TaskStarted,
    TaskUnassigned,
)

Moment = date | datetime


class CreateTask(Command, frozen=True, kw_only=True):
    """A moment is a date or an instant. Assignee, tags and status may be set from the start."""

    workspace: UUID
    title: str
    description: str | None = None
    priority: Priority = "medium"
    start: Moment | None = None
    due: Moment | None = None
    notify_overdue: bool = True
    status: Status = "todo"
    assignee: UUID | None = None
    tags: tuple[UUID, ...] = ()


class EditTask(Command, frozen=True, kw_only=True):
    """What is UNSET stays as it is; None clears."""

    title: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    start: Moment | None | UnsetType = UNSET
    due: Moment | None | UnsetType = UNSET
    notify_overdue: bool | UnsetType = UNSET


class StartTask(Command, frozen=True):
    pass


class CompleteTask(Command, frozen=True):
    pass


class ReopenTask(Command, frozen=True):
    """Back to where nothing has been done yet."""


class MarkTask(Command, frozen=True, kw_only=True):
    """As by a check box: one that is not completed is left as it is by `completed` false."""

    completed: bool


class ToggleTask(Command, frozen=True):
    """A check list's box: what is open is done, and what is done is open again."""


class TouchTask(Command, frozen=True):
    """Saved as it is, which shows in the time of its last change and nowhere else."""


class AssignTask(Command, frozen=True, kw_only=True):
    """To nobody, if `assignee` is None."""

    assignee: UUID | None


class TagTask(Command, frozen=True, kw_only=True):
    tag: UUID


class UntagTask(Command, frozen=True, kw_only=True):
    """With `once` it goes from the first place only, for one that stands there several times."""

    tag: UUID
    once: bool = False


class RetagTask(Command, frozen=True, kw_only=True):
    """Exactly these tags, in this order for those that are new."""

    tags: tuple[UUID, ...]


class ArrangeTags(Command, frozen=True, kw_only=True):
    """Exactly these tags in exactly this order; one may stand there several times."""

    tags: tuple[UUID, ...]


class DeleteTask(Command, frozen=True):
    pass


class RestoreTask(Command, frozen=True):
    pass


TaskCommand = (
    CreateTask
    | EditTask
    | StartTask
    | CompleteTask
    | ReopenTask
    | MarkTask
    | ToggleTask
    | TouchTask
    | AssignTask
    | TagTask
    | UntagTask
    | RetagTask
    | ArrangeTags
    | DeleteTask
    | RestoreTask
)


def decide(command: TaskCommand, task: Task, context: Context) -> Sequence[Fact]:
    if isinstance(command, CreateTask):
        return create(command, task, context)
    if not task.exists or (task.deleted_at and not isinstance(command, RestoreTask)):
        raise NotFound("there is no such task")
    match command:
        case EditTask():
            return edit(command, task)
        case StartTask():
            return start(task)
        case CompleteTask():
            return [] if task.status == "completed" else [TaskCompleted()]
        case ReopenTask():
            return [] if task.status == "todo" else [TaskReopened()]
        case MarkTask():
            return mark(command.completed, task)
        case ToggleTask():
            return [TaskReopened() if task.status == "completed" else TaskCompleted()]
        case TouchTask():
            return [TaskEdited()]
        case AssignTask():
            return assign(command.assignee, task, context)
        case TagTask():
            return tag(command.tag, task)
        case UntagTask():
            return untag(command.tag, task, once=command.once)
        case RetagTask():
            return retag(command.tags, task)
        case ArrangeTags():
            return arrange(command.tags, task)
        case DeleteTask():
            return [TaskDeleted()]
        case RestoreTask():
            return [TaskRestored()] if task.deleted_at else []


def create(command: CreateTask, task: Task, context: Context) -> Sequence[Fact]:
    if task.exists:
        raise Conflict("a task with this id exists already", code="exists", field="id")
    _check_order(command.start, command.due)
    created = TaskCreated(
        title=command.title,
        description=command.description,
        priority=command.priority,
        notify_overdue=command.notify_overdue,
        **_pair("start", command.start),
        **_pair("due", command.due),
    )
    facts: list[Fact] = [created]
    if command.status == "in_progress":
        facts.append(TaskStarted())
    if command.status == "completed":
        facts.append(TaskCompleted())
    if command.assignee:
        facts += assign(command.assignee, task, context)
    return [*facts, *retag(command.tags, task)]


def edit(command: EditTask, task: Task) -> Sequence[Fact]:
    wanted: dict[str, Any] = {
        name: value
        for name in ("title", "description", "priority", "notify_overdue")
        if (value := getattr(command, name)) is not UNSET
    }
    for name in ("start", "due"):
        moment = getattr(command, name)
        if moment is not UNSET:
            wanted |= _pair(name, moment)
    changed = {name for name, value in wanted.items() if getattr(task, name) != value}
    # A moment that moves between date and instant changes both halves, so both are recorded.
    for pair in ({"start_on", "start_at"}, {"due_on", "due_at"}):
        changed |= pair if changed & pair else set()
    if not changed:
        return []
    after = replace(task, **wanted)
    for name in ("start", "due"):
        if f"{name}_on" in changed:
            _check_order(after.start_at or after.start_on, after.due_at or after.due_on, name)
    return [TaskEdited(**{name: wanted[name] for name in changed})]


def mark(completed: bool, task: Task) -> Sequence[Fact]:
    if completed == (task.status == "completed"):
        return []
    return [TaskCompleted() if completed else TaskReopened()]


def start(task: Task) -> Sequence[Fact]:
    match task.status:
        case "in_progress":
            return []
        case "completed":
            return [TaskReopened(), TaskStarted()]
        case "todo":
            return [TaskStarted()]


def assign(assignee: UUID | None, task: Task, context: Context) -> Sequence[Fact]:
    if assignee == task.assignee:
        return []
    if assignee is None:
        return [TaskUnassigned(assignee=task.assignee)] if task.assignee else []
    if assignee not in context.members:
        raise Invalid(
            "the assignee is not a member of the workspace",
            code="assignee-not-a-member",
            field="assignee",
        )
    return [TaskAssigned(assignee=assignee)]


def _pair(name: str, moment: Moment | None) -> dict[str, Any]:
    """A datetime is a date to Python too, so it is asked for first."""
    instant = moment if isinstance(moment, datetime) else None
    return {f"{name}_at": instant, f"{name}_on": None if instant else moment}


def _check_order(start: Moment | None, due: Moment | None, field: str = "start") -> None:
    """Compared as dates when either is one: a zone decides the rest, and that is not known here."""
    if start is None or due is None:
        return
    if isinstance(start, datetime) and isinstance(due, datetime):
        late = start > due
    else:
        late = _day(start) > _day(due)
    if late:
        raise Invalid("the start is after the due moment", code="start-after-due", field=field)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


_ROLES: dict[type[Command], Role] = dict.fromkeys(get_args(TaskCommand), "member")

TASKS = Decider(
    noun="task",
    initial=Task(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
)
