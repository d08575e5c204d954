"""Which tasks are there, for whoever asks?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypeVar
from uuid import UUID

import msgspec

from events.base import Priority
from events.refusals import NotFound
from queries import lists
from queries.database import Database
from queries.lists import TAGS, Arguments, Listing, containing, list_page, tagged_with
from queries.paging import Page

Status = Literal["todo", "in_progress", "completed"]
Sort = Literal["created_at", "updated_at", "due", "title", "priority", "status"]

# What each order compares; a missing due moment comes last either way.
_DUE = "coalesce(t.due_at, (t.due_on + 1) AT TIME ZONE 'UTC', '{missing}')"
_DUE_FROM = "coalesce(t.due_at, t.due_on::timestamp AT TIME ZONE 'UTC')"
_KEYS: dict[str, tuple[str, str]] = {
    "created_at": ("t.created_at", "timestamptz"),
    "updated_at": ("t.updated_at", "timestamptz"),
    "due": (_DUE, "timestamptz"),
    "title": ('lower(t.title) COLLATE "C"', 'text COLLATE "C"'),
    "priority": ("array_position('{low,medium,high,urgent}'::text[], t.priority)", "integer"),
    "status": ("array_position('{todo,in_progress,completed}'::text[], t.status)", "integer"),
}
OVERDUE = (
    "(t.status <> 'completed' AND coalesce(t.due_at < {now},"
    " t.due_on < ({now} AT TIME ZONE mine.time_zone)::date, false))"
)
COLUMNS = (
    "t.id, t.number, t.workspace, t.title, t.description, t.status, t.priority, t.start_on,"
    " t.start_at, t.due_on, t.due_at, t.notify_overdue, t.assignee, t.created_by, t.created_at,"
    " t.updated_at, t.started_at, t.completed_at, t.deleted_at, t.version"
)
_LISTING = Listing("tasks", "read.tasks t", _KEYS)


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None and empty mean everything. `tags` are ids or names, any
    of which will do. Ranges include their begin only."""

    workspaces: Sequence[UUID] = ()
    statuses: Sequence[Status] = ()
    priorities: Sequence[Priority] = ()
    assignee: UUID | None = None
    unassigned: bool = False
    tags: Sequence[str] = ()
    overdue: bool | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    text: str | None = None
    deleted: bool = False


class TaskRow(msgspec.Struct, frozen=True):
    """A task as the list's SQL selects it, in that order."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    description: str | None
    status: Status
    priority: Priority
    start_on: date | None
    start_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    notify_overdue: bool
    assignee: UUID | None
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deleted_at: datetime | None
    version: int
    overdue: bool
    tags: Sequence[str] | None
    sort_key: str


class TaskMark(msgspec.Struct, frozen=True):
    """What tells a task as it is shown from the same task as it was, in SQL's order too."""

    id: UUID
    version: int
    overdue: bool
    tags: Sequence[str]
    sort_key: str


R = TypeVar("R", TaskRow, TaskMark)


class Asked(lists.Asked[TaskFilter], frozen=True, kw_only=True):
    """`now` decides what is overdue."""

    now: datetime


async def list_tasks(database: Database, asked: Asked) -> Page[TaskRow]:
    return await _page(database, asked, TaskRow, COLUMNS)


async def list_marks(database: Database, asked: Asked) -> Page[TaskMark]:
    """The same list for who knows how its tasks look at their versions."""
    return await _page(database, asked, TaskMark, "t.id, t.version")


async def tasks_at(database: Database, marks: Sequence[TaskMark]) -> list[TaskRow] | None:
    """The marked tasks; None if one of them has moved on meanwhile."""
    records = await database.fetch(
        f"SELECT {COLUMNS} FROM read.tasks t WHERE t.id = ANY($1::uuid[])",  # noqa: S608
        [mark.id for mark in marks],
    )
    found = {record["id"]: record for record in records}
    if any(mark.id not in found or found[mark.id]["version"] != mark.version for mark in marks):
        return None
    return [
        TaskRow(*(*found[mark.id].values(), mark.overdue, mark.tags, mark.sort_key))
        for mark in marks
    ]


async def _page(database: Database, asked: Asked, kind: type[R], columns: str) -> Page[R]:
    arguments = Arguments()
    overdue = OVERDUE.format(now=arguments.add(asked.now) + "::timestamptz")
    return await list_page(
        database,
        _LISTING,
        asked,
        kind,
        f"{columns}, {overdue} AS overdue",
        arguments=arguments,
        conditions=conditions(arguments, asked.wanted, overdue),
    )


async def get_task(database: Database, *, account: UUID, task: UUID, now: datetime) -> TaskRow:
    """Raises `NotFound` for a deleted one too: its history tells what became of it."""
    arguments = Arguments()
    mine, at = arguments.add(account), arguments.add(now)
    records = await database.fetch(
        f"SELECT {COLUMNS}, {OVERDUE.format(now=at)}, {TAGS}, ''"  # noqa: S608
        " FROM read.tasks t"
        f" JOIN read.members m ON m.workspace = t.workspace AND m.account = {mine}"
        " JOIN read.workspaces mine ON mine.id = t.workspace"
        f" WHERE t.id = {arguments.add(task)} AND t.deleted_at IS NULL",
        *arguments.values,
    )
    if not records:
        raise NotFound("there is no such task")
    return TaskRow(*records[0].values())


def conditions(arguments: Arguments, wanted: TaskFilter, overdue: str) -> list[str]:
    where = ["t.deleted_at IS NOT NULL" if wanted.deleted else "t.deleted_at IS NULL"]
    for column, values in (("status", wanted.statuses), ("priority", wanted.priorities)):
        if values:
            where.append(f"t.{column} = ANY({arguments.add(list(values))}::text[])")
    if wanted.unassigned:
        where.append("t.assignee IS NULL")
    if wanted.assignee is not None:
        where.append(f"t.assignee = {arguments.add(wanted.assignee)}")
    if wanted.tags:
        where.append(tagged_with(arguments, wanted.tags))
    if wanted.overdue is not None:
        where.append(overdue if wanted.overdue else f"NOT {overdue}")
    for column, compare, moment in (
        (_DUE_FROM, ">=", wanted.due_from),
        (_DUE_FROM, "<", wanted.due_to),
        ("t.created_at", ">=", wanted.created_from),
        ("t.created_at", "<", wanted.created_to),
    ):
        if moment is not None:
            where.append(f"{column} {compare} {arguments.add(moment)}::timestamptz")
    if wanted.text:
        where.append(containing(arguments, wanted.text, "t.title", "t.description"))
    return where
