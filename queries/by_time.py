"""Lists in order of some time of their rows, page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from queries import paging
from queries.database import Database
from queries.paging import Cursor, Page

R = TypeVar("R")


@dataclass(frozen=True)
class ByTime(Generic[R]):
    """`sql` takes, after arguments of its own, the time and id of the row to go on after, and how
    many rows; `key` is the time and id of a row."""

    sql: str
    row: Callable[..., R]
    key: Callable[[R], tuple[datetime, UUID]]

    async def page(
        self,
        database: Database,
        *arguments: object,
        log: UUID,
        query: str,
        limit: int,
        cursor: str | None,
    ) -> Page[R]:
        """`query` tells cursors of this list from those of others."""
        after = paging.decode(cursor, log=log, query=query) if cursor is not None else None
        place = (paging.moment_of(after), after.id) if after else (None, None)
        records = await database.fetch(self.sql, *arguments, *place, limit + 1)
        rows, more = paging.cut([self.row(*record.values()) for record in records], limit)
        if not more:
            return Page(list(rows), None)
        time, id = self.key(rows[-1])
        return Page(list(rows), paging.encode(Cursor(log, query, time.isoformat(), id)))
