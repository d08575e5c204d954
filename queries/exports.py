"""What does an export hold: every task of some workspaces, and what happened to them?

Read a page at a time by key, so that neither memory nor a snapshot grows with what there is.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from events.base import Priority
from queries.database import Database
from queries.tasks import OVERDUE

PAGE = 2_000
_SCOPE = "($1::uuid[] IS NULL OR t.workspace = ANY($1))"
_TASKS = f"""
SELECT t.id, t.number, mine.name, t.title, t.description, t.status, t.priority,
    {OVERDUE.format(now="$2::timestamptz")}, t.start_on, t.start_at, t.due_on, t.due_at,
    assignee.full_name, creator.full_name,
    CASE WHEN t.tags <> '{{}}' THEN ARRAY(SELECT g.name FROM
        unnest(t.tags) WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id) ORDER BY own.n)
    END, t.created_at, t.updated_at, t.started_at, t.completed_at
FROM read.tasks t JOIN read.workspaces mine ON mine.id = t.workspace
LEFT JOIN read.accounts assignee ON assignee.id = t.assignee
LEFT JOIN read.accounts creator ON creator.id = t.created_by
WHERE {_SCOPE} AND t.deleted_at IS NULL
    AND ($3::timestamptz IS NULL OR (t.created_at, t.id) < ($3, $4::uuid))
ORDER BY t.created_at DESC, t.id DESC LIMIT $5
"""  # noqa: S608
_HISTORY = f"""
SELECT t.position, t.occurred_at, actor.full_name, t.topic, t.stream, named.title, t.changed
FROM read.activity t LEFT JOIN read.accounts actor ON actor.id = t.actor
LEFT JOIN read.tasks named ON named.id = t.stream AND named.deleted_at IS NULL
WHERE {_SCOPE} AND t.noun = 'task' AND t.position > $2 ORDER BY t.position LIMIT $3
"""  # noqa: S608
_COUNT = f"SELECT count(*) FROM read.tasks t WHERE {_SCOPE} AND t.deleted_at IS NULL"  # noqa: S608
_COUNT_HISTORY = f"SELECT count(*) FROM read.activity t WHERE {_SCOPE} AND t.noun = 'task'"  # noqa: S608


class ExportedTask(msgspec.Struct, frozen=True):
    """A task in words: people, tags and its workspace by their names as they are now."""

    id: UUID
    number: int
    workspace: str
    title: str
    description: str | None
    status: str
    priority: Priority
    overdue: bool
    start_on: date | None
    start_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    assignee: str | None
    created_by: str | None
    tags: Sequence[str] | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class ExportedEvent(msgspec.Struct, frozen=True):
    position: int
    occurred_at: datetime
    actor: str | None
    event: str
    task: UUID
    title: str | None
    changed: Sequence[str]


class Export:
    """Of these workspaces, or of all that there are, as of `now`, newest first."""

    def __init__(
        self, database: Database, workspaces: Sequence[UUID] | None, now: datetime
    ) -> None:
        self.database = database
        self._scope = None if workspaces is None else list(workspaces)
        self._now = now

    async def count(self) -> int:
        [[tasks]] = await self.database.fetch(_COUNT, self._scope)
        return int(tasks)

    async def count_history(self) -> int:
        [[events]] = await self.database.fetch(_COUNT_HISTORY, self._scope)
        return int(events)

    async def tasks(self, page: int = PAGE) -> AsyncIterator[list[ExportedTask]]:
        created_at, id = None, None
        while True:
            records = await self.database.fetch(
                _TASKS, self._scope, self._now, created_at, id, page
            )
            rows = [ExportedTask(*record.values()) for record in records]
            if rows:
                yield rows
            if len(rows) < page:
                return
            created_at, id = rows[-1].created_at, rows[-1].id

    async def history(self, page: int = PAGE) -> AsyncIterator[list[ExportedEvent]]:
        position = 0
        while True:
            records = await self.database.fetch(_HISTORY, self._scope, position, page)
            rows = [ExportedEvent(*record.values()) for record in records]
            if rows:
                yield rows
            if len(rows) < page:
                return
            position = rows[-1].position
