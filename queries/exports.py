"""What does an export hold: every task, note or post of some workspaces, and what happened to
them?

Read one workspace after the other and a page at a time by key, along an index: neither memory nor
a snapshot nor the work for a page grows with what there is.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from events.exports import ExportNoun
from events.refusals import NotFound
from queries.database import Database
from queries.exported import EXPORTED, ExportedEvent, ExportedRow

PAGE = 500
_SCOPE = "($1::uuid[] IS NULL OR t.workspace = ANY($1))"
# What fell overdue is announced in a stream beside the task's.
_THING = "CASE t.topic WHEN 'task.fell_overdue' THEN t.about ELSE t.stream END"
_HISTORY = f"""
SELECT t.position, t.occurred_at, actor.full_name, t.topic, {_THING}, named.title, t.changed
FROM read.activity t LEFT JOIN read.accounts actor ON actor.id = t.actor
LEFT JOIN read.{{table}} named ON named.id = {_THING} AND named.deleted_at IS NULL
WHERE t.workspace = $1 AND t.noun = $4 AND t.position > $2 ORDER BY t.position LIMIT $3
"""  # noqa: S608
_WORKSPACES = """
SELECT id FROM read.workspaces WHERE $1::uuid[] IS NULL OR id = ANY($1) ORDER BY name, id
"""
_COUNT = f"SELECT count(*) FROM read.{{table}} t WHERE {_SCOPE} AND t.deleted_at IS NULL"  # noqa: S608
_COUNT_HISTORY = f"SELECT count(*) FROM read.activity t WHERE {_SCOPE} AND t.noun = $2"  # noqa: S608


class Export:
    """Of these workspaces, or of all that there are, as of `now`: by name, in each the newest
    first."""

    def __init__(
        self,
        database: Database,
        workspaces: Sequence[UUID] | None,
        now: datetime,
        noun: ExportNoun = "task",
    ) -> None:
        self.database = database
        self.noun = noun
        self._scope = None if workspaces is None else list(workspaces)
        self._now = now

    async def demand_workspaces(self) -> None:
        """Raises `NotFound` if one of those named is not there."""
        for missing in set(self._scope or ()).difference(await self._workspaces()):
            raise NotFound(f"there is no workspace {missing}", field="workspace")

    async def count(self) -> int:
        [[rows]] = await self.database.fetch(_COUNT.format(table=self.table), self._scope)
        return int(rows)

    async def count_history(self) -> int:
        [[events]] = await self.database.fetch(_COUNT_HISTORY, self._scope, self.noun)
        return int(events)

    @property
    def table(self) -> str:
        return f"{self.noun}s"

    async def rows(self, page: int = PAGE) -> AsyncIterator[list[ExportedRow]]:
        exported = EXPORTED[self.noun]
        moment = [self._now] if exported.now else []
        for workspace in await self._workspaces():
            created_at, id = None, None
            while True:
                asked = (workspace, created_at, id, page, *moment)
                records = await self.database.fetch(exported.sql, *asked)
                rows = [exported.row(*record.values()) for record in records]
                if rows:
                    yield rows
                if len(rows) < page:
                    break
                created_at, id = rows[-1].created_at, rows[-1].id

    async def history(self, page: int = PAGE) -> AsyncIterator[list[ExportedEvent]]:
        sql = _HISTORY.format(table=self.table)
        for workspace in await self._workspaces():
            position = 0
            while True:
                records = await self.database.fetch(sql, workspace, position, page, self.noun)
                rows = [ExportedEvent(*record.values()) for record in records]
                if rows:
                    yield rows
                if len(rows) < page:
                    break
                position = rows[-1].position

    async def _workspaces(self) -> Sequence[UUID]:
        return [row["id"] for row in await self.database.fetch(_WORKSPACES, self._scope)]
