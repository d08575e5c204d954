"""Task lists by page number with a total, as clients of the older systems ask for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

import msgspec

from queries.database import Database
from queries.lists import TAGS, TAGS_OF_PAGE, Arguments, Keyed, Order, rows_of
from queries.tasks import COLUMNS, OVERDUE, TaskFilter, TaskMark, TaskRow, conditions

R = TypeVar("R", bound=Keyed)
T = TypeVar("T")
NumberedSort = Literal[
    "created_at",
    "updated_at",
    "due",
    "title",
    "priority",
    "priority_name",
    "status",
    "completed",
    "number",
]

# Overdue comes after all other states; a missing due moment is last ascending, first descending.
_SORTS: dict[NumberedSort, str] = {
    "created_at": "t.created_at",
    "updated_at": "t.updated_at",
    "due": "coalesce(t.due_at, (t.due_on + 1) AT TIME ZONE 'UTC')",
    "title": "t.title",
    "priority": "array_position('{low,medium,high,urgent}'::text[], t.priority)",
    # By its letters, the highest with high, as those who have three read it.
    "priority_name": "replace(t.priority, 'urgent', 'high')",
    "completed": "t.status = 'completed'",
    "number": "t.number",
    "status": "CASE WHEN {overdue} THEN 4 ELSE"
    " array_position('{todo,in_progress,completed}'::text[], t.status) END",
}


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """Which of one workspace's tasks, in which order; all of them without `limit`. Who may look
    is the caller's affair."""

    workspace: UUID
    wanted: TaskFilter
    now: datetime
    sort: NumberedSort = "created_at"
    order: Order = "desc"
    offset: int = 0
    limit: int | None = None


class NumberedPage(msgspec.Struct, Generic[T], frozen=True):
    """`total` counts what matches on all pages."""

    rows: Sequence[T]
    total: int


async def numbered_page(database: Database, asked: Numbered) -> NumberedPage[TaskRow]:
    return await _numbered(database, asked, TaskRow, COLUMNS)


async def numbered_marks(database: Database, asked: Numbered) -> NumberedPage[TaskMark]:
    """The same for who knows how the tasks look at their versions."""
    return await _numbered(database, asked, TaskMark, "t.id, t.version")


async def _numbered(
    database: Database, asked: Numbered, kind: type[R], columns: str
) -> NumberedPage[R]:
    arguments = Arguments()
    mine = f"mine.id = {arguments.add(asked.workspace)}"
    overdue = OVERDUE.format(now=arguments.add(asked.now) + "::timestamptz")
    where = " AND ".join([mine, *conditions(arguments, asked.wanted, overdue)])
    key = _SORTS[asked.sort].replace("{overdue}", overdue)
    source = f"read.workspaces mine JOIN read.tasks t ON t.workspace = mine.id WHERE {where}"
    # Every parameter must stand somewhere, and `now` stands in what says whether one is overdue.
    count = f"SELECT count(*) AS tasks, bool_or({overdue}) FROM {source}"  # noqa: S608
    counted = list(arguments.values)
    records = await database.fetch(
        f"WITH total AS MATERIALIZED ({count}), page AS MATERIALIZED"  # noqa: S608
        f" (SELECT {columns}, {overdue} AS overdue, t.tags, '' AS sort_key FROM {source}"
        f" ORDER BY {key} {asked.order}, t.number {asked.order}, t.id {asked.order}"
        f" OFFSET {arguments.add(asked.offset)} LIMIT {arguments.add(asked.limit)})"
        " SELECT (SELECT tasks FROM total) AS total, page.*,"
        f" CASE WHEN row_number() OVER () = 1 THEN {TAGS_OF_PAGE} END FROM page",
        *arguments.values,
    )
    if records:
        total: int = records[0]["total"]
        return NumberedPage(rows_of([[*record.values()][1:] for record in records], kind), total)
    if not asked.offset:
        return NumberedPage([], 0)
    [(all_pages, _)] = await database.fetch(count, *counted)
    return NumberedPage([], all_pages)


async def tasks_in(
    database: Database, *, workspace: UUID, tasks: Sequence[UUID], now: datetime
) -> list[TaskRow]:
    """Those of them that the workspace has and that are not deleted, in the order asked for."""
    arguments = Arguments()
    mine, wanted = arguments.add(workspace), arguments.add(list(tasks))
    overdue = OVERDUE.format(now=arguments.add(now) + "::timestamptz")
    records = await database.fetch(
        f"SELECT {COLUMNS}, {overdue}, {TAGS}, ''"  # noqa: S608
        " FROM read.workspaces mine JOIN read.tasks t ON t.workspace = mine.id"
        f" WHERE mine.id = {mine} AND t.id = ANY({wanted}::uuid[]) AND t.deleted_at IS NULL",
        *arguments.values,
    )
    found = {row.id: row for row in (TaskRow(*record.values()) for record in records)}
    return [found[task] for task in tasks if task in found]
