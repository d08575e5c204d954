"""Tasks and tags as lists and details show them."""

from datetime import date, datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from events.base import Priority
from events.envelope import Recorded
from events.tags import TagCreated, TagDeleted, TagEvent, TagRecoloured, TagRenamed
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEdited,
    TaskEvent,
    TaskReopened,
    TaskRestored,
    TaskStarted,
    TaskTagged,
    TaskUnassigned,
    TaskUntagged,
)
from projections.table import Projection, Row, Table, by_stream, opens_stream, topics_of


class TaskView(Row, frozen=True):
    """`version` and `position` are those of the last event; `tags` stand as they were added."""

    id: UUID
    workspace: UUID
    number: int
    title: str
    description: str | None
    status: Literal["todo", "in_progress", "completed"]
    priority: Priority
    start_on: date | None
    start_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    notify_overdue: bool
    assignee: UUID | None
    tags: tuple[UUID, ...]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deleted_at: datetime | None
    version: int
    position: int


class TagView(Row, frozen=True):
    id: UUID
    workspace: UUID
    name: str
    colour: str
    created_at: datetime
    updated_at: datetime
    version: int


def evolve_task(task: TaskView | None, recorded: Recorded) -> TaskView | None:
    fact = cast(TaskEvent, recorded.fact)
    if isinstance(fact, TaskCreated):
        return _created(fact, recorded)
    if task is None:  # its creation was erased
        return None
    return replace(
        task,
        updated_at=recorded.occurred_at,
        version=recorded.version,
        position=recorded.position,
        **_changes(task, fact, recorded.occurred_at),
    )


def evolve_tag(tag: TagView | None, recorded: Recorded) -> TagView | None:
    """A deleted tag is on no task any more, so it has no row."""
    fact, at = cast(TagEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, TagCreated):
        return TagView(recorded.stream, recorded.owner, fact.name, fact.colour, at, at, 1)
    if tag is None:
        return None
    tag = replace(tag, updated_at=at, version=recorded.version)
    match fact:
        case TagRenamed():
            return replace(tag, name=fact.name)
        case TagRecoloured():
            return replace(tag, colour=fact.colour)
        case TagDeleted():
            return None


def _created(fact: TaskCreated, recorded: Recorded) -> TaskView:
    return TaskView(
        id=recorded.stream,
        workspace=recorded.owner,
        number=recorded.number,
        title=fact.title,
        description=fact.description,
        status="todo",
        priority=fact.priority,
        start_on=fact.start_on,
        start_at=fact.start_at,
        due_on=fact.due_on,
        due_at=fact.due_at,
        notify_overdue=fact.notify_overdue,
        assignee=None,
        tags=(),
        created_by=recorded.actor,
        created_at=recorded.occurred_at,
        updated_at=recorded.occurred_at,
        started_at=None,
        completed_at=None,
        deleted_at=None,
        version=recorded.version,
        position=recorded.position,
    )


def _changes(task: TaskView, fact: TaskEvent, at: datetime) -> dict[str, Any]:
    match fact:
        case TaskCreated():
            return {}
        case TaskEdited():
            return {k: v for k, v in msgspec.structs.asdict(fact).items() if v is not UNSET}
        case TaskStarted():
            return {"status": "in_progress", "started_at": at}
        case TaskCompleted():
            return {"status": "completed", "completed_at": at}
        case TaskReopened():
            return {"status": "todo", "started_at": None, "completed_at": None}
        case TaskAssigned():
            return {"assignee": fact.assignee}
        case TaskUnassigned():
            return {"assignee": None}
        case TaskTagged():
            return {"tags": (*task.tags, fact.tag)}
        case TaskUntagged():
            return {"tags": tuple(tag for tag in task.tags if tag != fact.tag)}
        case TaskDeleted():
            return {"deleted_at": at}
        case TaskRestored():
            return {"deleted_at": None}


TASKS = Projection(
    name="tasks",
    version=2,
    tables=(
        Table(
            name="tasks",
            row=TaskView,
            key=("id",),
            topics=topics_of("task") - {"task.fell_overdue"},
            keys=by_stream,
            evolve=evolve_task,
            is_first=opens_stream,
            # Only columns that never or seldom change, so that most updates touch no index. Other
            # orders are sorted within the workspace.
            indexes=(
                "(workspace, created_at, id) WHERE deleted_at IS NULL",
                "(assignee, workspace) WHERE assignee IS NOT NULL",
                "(due_at) WHERE due_at IS NOT NULL",
                "(due_on) WHERE due_on IS NOT NULL",
            ),
        ),
        Table(
            name="tags",
            row=TagView,
            key=("id",),
            topics=topics_of("tag"),
            keys=by_stream,
            evolve=evolve_tag,
            is_first=opens_stream,
            indexes=("(workspace, name)",),
        ),
    ),
)
