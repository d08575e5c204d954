"""A task of an older system, with what is known of its past.

An old row tells when it was made and when it last changed, but not what then changed: so it is
created as it is now, and what its status says happened at the last change.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from commands.base import Claim
from commands.imports.items import Happened, Held, Item
from commands.overdue import announcement_of
from events.base import Fact
from events.moments import Status, is_overdue
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEdited,
    TaskFellOverdue,
    TaskStarted,
    TaskTagged,
)


class OldTask(msgspec.Struct, frozen=True, kw_only=True):
    """`changed_at` is None where the older system did not keep it."""

    table: str
    key: str
    stream: UUID
    workspace: UUID
    created_by: UUID
    created_at: datetime
    changed_at: datetime | None
    created: TaskCreated
    status: Status
    assignee: UUID | None = None
    tags: Sequence[UUID] = ()
    deleted: bool = False
    number: Claim | None = None


def task_item(task: OldTask, now: datetime) -> Item:
    happened = [_of(task, fact, at) for fact, at in _facts(task)]
    return Item(
        table=task.table,
        key=task.key,
        stream=task.stream,
        happened=[*happened, *_announced(task, now)],
        claims=[Held(task.number, task.stream)] if task.number else [],
        account=task.created_by,
    )


def moments(name: str, moment: date | datetime | None) -> dict[str, Any]:
    """A date is the whole of that day, an instant is itself."""
    instant = isinstance(moment, datetime)
    return {f"{name}_at" if instant else f"{name}_on": moment}


def changed_after(created_at: datetime, changed_at: datetime | None) -> datetime | None:
    """The two defaults of one insert may differ by what it took."""
    if changed_at is None or changed_at - created_at < timedelta(milliseconds=1):
        return None
    return changed_at


def _facts(task: OldTask) -> Iterator[tuple[Fact, datetime]]:
    last = changed_after(task.created_at, task.changed_at)
    yield task.created, task.created_at
    if task.assignee:
        yield TaskAssigned(assignee=task.assignee), task.created_at
    for tag in task.tags:
        yield TaskTagged(tag=tag), task.created_at
    if task.status == "in_progress":
        yield TaskStarted(), last or task.created_at
    elif task.status == "completed":
        yield TaskCompleted(), last or task.created_at
    elif last and not task.deleted:
        yield TaskEdited(), last
    if task.deleted:
        yield TaskDeleted(), last or task.created_at


def _announced(task: OldTask, now: datetime) -> Iterator[Happened]:
    """That it fell overdue is no news: so it is told to nobody, at the moment when it did."""
    due_on, due_at = task.created.due_on, task.created.due_at
    if task.deleted or not is_overdue(task.status, due_on, due_at, "UTC", now):
        return
    fact = TaskFellOverdue(task=task.stream, due_on=due_on, due_at=due_at)
    yield Happened(
        stream=announcement_of(task.stream, due_on, due_at),
        owner=task.workspace,
        fact=fact,
        at=due_at or _end_of(due_on),
        actor=None,
        compared=False,
    )


def _end_of(day: date | None) -> datetime:
    assert day is not None, "only what is due is overdue"
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _of(task: OldTask, fact: Fact, at: datetime) -> Happened:
    return Happened(
        stream=task.stream,
        owner=task.workspace,
        fact=fact,
        at=at,
        actor=task.created_by,
        compared=not isinstance(fact, TaskTagged),  # the tag of that name may be another by now
    )
