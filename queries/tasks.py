"""Which tasks are there, for whoever asks?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec

from events.base import Priority
from events.refusals import Invalid, NotFound
from queries import paging
from queries.database import Database
from queries.paging import Cursor, Page, moment_of

Status = Literal["todo", "in_progress", "completed"]
Sort = Literal["created_at", "updated_at", "due", "title", "priority", "status"]
Order = Literal["asc", "desc"]

# What each order compares; a missing due moment comes last either way.
_DUE = "coalesce(t.due_at, (t.due_on + 1) AT TIME ZONE 'UTC', '{missing}')"
_DUE_FROM = "coalesce(t.due_at, t.due_on::timestamp AT TIME ZONE 'UTC')"
_KEYS: dict[Sort, tuple[str, str]] = {
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
# Id, colour and name in one text each, for 36, 7 and the rest of its characters.
_TAG = "g.id::text || g.colour || g.name"
TAGS = (
    f"CASE WHEN t.tags <> '{{}}' THEN ARRAY(SELECT {_TAG} FROM"  # noqa: S608
    " unnest(t.tags) WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id)"
    " ORDER BY own.n) END"
)
_TAGS_OF_PAGE = (
    f"ARRAY(SELECT {_TAG} FROM read.tags g"  # noqa: S608
    " WHERE g.id = ANY(ARRAY(SELECT DISTINCT unnest(p.tags) FROM page p)))"
)


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


class Arguments:
    """Bound parameters, numbered as they are added."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """By whom, for what, in which order and how much of it."""

    log: UUID
    account: UUID
    wanted: TaskFilter
    now: datetime
    sort: Sort = "created_at"
    order: Order = "desc"
    limit: int = 50
    cursor: str | None = None


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
    """One statement: the caller's workspaces, and of each the next rows by an index."""
    query = f"tasks:{asked.sort}:{asked.order}"
    after = None
    if asked.cursor is not None:
        after = paging.decode(asked.cursor, log=asked.log, query=query)
    arguments = Arguments()
    sql = _list_sql(arguments, asked, columns, after)
    records = await database.fetch(sql, *arguments.values)
    if not records and asked.wanted.workspaces:
        await _demand_membership(database, asked.account, asked.wanted.workspaces)
    rows, more = paging.cut(_rows(records, kind), asked.limit)
    last = Cursor(asked.log, query, rows[-1].sort_key, rows[-1].id) if more else None
    return Page(list(rows), paging.encode(last) if last else None)


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


def _list_sql(arguments: Arguments, asked: Asked, columns: str, after: Cursor | None) -> str:
    wanted, order = asked.wanted, asked.order
    key, kind = _KEYS[asked.sort]
    key = key.replace("{missing}", "infinity" if order == "asc" else "-infinity")
    mine = f"m.account = {arguments.add(asked.account)}"
    if wanted.workspaces:
        mine += f" AND m.workspace = ANY({arguments.add(list(wanted.workspaces))}::uuid[])"
    at = arguments.add(asked.now) + "::timestamptz"
    overdue = OVERDUE.format(now=at)
    where = ["t.workspace = mine.id", *conditions(arguments, wanted, overdue)]
    if after is not None:
        compare = ">" if order == "asc" else "<"
        value = f"{arguments.add(_checked(after, kind))}::text::{kind}"
        where.append(f"({key}, t.id) {compare} ({value}, {arguments.add(after.id)}::uuid)")
    top = f"ORDER BY {{}} {order}, {{}} {order} LIMIT {arguments.add(asked.limit + 1)}"
    return (
        "WITH page AS MATERIALIZED (SELECT t.*"  # noqa: S608
        " FROM (SELECT w.id, w.time_zone FROM read.members m"
        f" JOIN read.workspaces w ON w.id = m.workspace WHERE {mine}) mine"
        f" CROSS JOIN LATERAL (SELECT {columns}, {overdue} AS overdue, t.tags,"
        f" ({key})::text AS sort_key FROM read.tasks t WHERE {' AND '.join(where)}"
        f" {top.format(key, 't.id')}) t {top.format(f't.sort_key::{kind}', 't.id')})"
        f" SELECT *, CASE WHEN row_number() OVER () = 1 THEN {_TAGS_OF_PAGE} END FROM page"
    )


def _rows(records: Sequence[Any], kind: type[R]) -> list[R]:
    """The first record tells about the tags of all: looking for each task's own costs more than
    all the rest."""
    if not records:
        return []
    texts = {UUID(text[:36]): text for text in records[0][-1]}
    rows: list[R] = []
    for record in records:
        *values, tags, key, _ = record.values()
        rows.append(kind(*(*values, [texts[tag] for tag in tags if tag in texts], key)))
    return rows


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
        names = arguments.add(list(wanted.tags))
        where.append(
            "t.tags && ARRAY(SELECT g.id FROM read.tags g WHERE g.workspace = t.workspace"  # noqa: S608
            f" AND (g.name = ANY({names}::text[]) OR g.id::text = ANY({names}::text[])))"
        )
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
        words = arguments.add(f"%{_literal(wanted.text)}%")
        where.append(f"(t.title ILIKE {words} OR t.description ILIKE {words})")
    return where


def _checked(cursor: Cursor, kind: str) -> str:
    """The cursor's key, if it can be compared. Raises `Invalid`."""
    key = cursor.key
    if kind == "timestamptz" and key not in ("infinity", "-infinity"):
        moment_of(cursor)
    if (kind == "integer" and key not in ("1", "2", "3", "4")) or "\0" in key:
        raise Invalid("is not a cursor of this list", field="cursor")
    return key


def _literal(text: str) -> str:
    """The text as a LIKE pattern that stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def _demand_membership(database: Database, account: UUID, workspaces: Sequence[UUID]) -> None:
    """An empty list is only an answer where the caller may look at all."""
    records = await database.fetch(
        "SELECT workspace FROM read.members WHERE account = $1 AND workspace = ANY($2::uuid[])",
        account,
        list(workspaces),
    )
    if len(records) < len(set(workspaces)):
        raise NotFound("there is no such workspace", field="workspace")
