"""Task lists by page number with a total, as clients of the older systems ask for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from queries.database import Database
from queries.lists import TAGS, Arguments, Order
from queries.tasks import COLUMNS, OVERDUE, TaskFilter, TaskRow, conditions

NumberedSort = Literal["created_at", "updated_at", "due", "title", "priority", "status"]

# Overdue comes after all other states; a missing due moment is last ascending, first descending.
_SORTS: dict[NumberedSort, str] = {
    "created_at": "t.created_at",
    "updated_at": "t.updated_at",
    "due": "coalesce(t.due_at, (t.due_on + 1) AT TIME ZONE 'UTC')",
    "title": "t.title",
    "priority": "array_position('{low,medium,high,urgent}'::text[], t.priority)",
    "status": "CASE WHEN {overdue} THEN 4 ELSE"
    " array_position('{todo,in_progress,completed}'::text[], t.status) END",
}


class NumberedPage(msgspec.Struct, frozen=True):
    """`total` counts what matches on all pages."""

    rows: Sequence[TaskRow]
    total: int


async def numbered_page(
    database: Database,
    *,
    workspace: UUID,
    wanted: TaskFilter,
    now: datetime,
    sort: NumberedSort = "created_at",
    order: Order = "desc",
    offset: int = 0,
    limit: int | None = None,
) -> NumberedPage:
    """One workspace's tasks, all of them without `limit`. Who may look is the caller's affair."""
    arguments = Arguments()
    mine = f"mine.id = {arguments.add(workspace)}"
    overdue = OVERDUE.format(now=arguments.add(now) + "::timestamptz")
    where = " AND ".join([mine, *conditions(arguments, wanted, overdue)])
    key = _SORTS[sort].replace("{overdue}", overdue)
    source = f"read.workspaces mine JOIN read.tasks t ON t.workspace = mine.id WHERE {where}"
    # Every parameter must stand somewhere, and `now` stands in what says whether one is overdue.
    [(total, _)] = await database.fetch(
        f"SELECT count(*), bool_or({overdue}) FROM {source}",  # noqa: S608
        *arguments.values,
    )
    if offset >= total:
        return NumberedPage([], total)
    records = await database.fetch(
        f"SELECT {COLUMNS}, {overdue}, {TAGS}, '' FROM {source}"  # noqa: S608
        f" ORDER BY {key} {order}, t.id {order}"
        f" OFFSET {arguments.add(offset)} LIMIT {arguments.add(limit)}",
        *arguments.values,
    )
    return NumberedPage([TaskRow(*record.values()) for record in records], total)


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
