"""Which due moments have passed, and which comes next?"""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from queries.database import Database
from queries.together import Together

_OPEN = "t.deleted_at IS NULL AND t.status <> 'completed'"
# The first and the last day there is are infinite for our driver: no moment to announce.
_FINITE = "(isfinite(t.due_at) OR isfinite(t.due_on))"
# A day ends within 14 hours of its end in UTC, wherever that is: so an index finds the days.
_PASSED = f"""
SELECT t.id, t.workspace, t.due_on, t.due_at,
    coalesce(t.due_at, (t.due_on + 1)::timestamp AT TIME ZONE w.time_zone) AS moment,
    t.version, w.version
FROM read.tasks t JOIN read.workspaces w ON w.id = t.workspace
WHERE (t.due_at < $1 AND t.due_at >= $4
        OR t.due_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date
            AND t.due_on >= ($4::timestamptz AT TIME ZONE 'UTC')::date - 2)
    AND (t.due_at IS NOT NULL OR t.due_on < ($1::timestamptz AT TIME ZONE w.time_zone)::date)
    AND {_OPEN} AND {_FINITE} AND ($2::uuid IS NULL OR t.id > $2)
    AND NOT EXISTS (SELECT 1 FROM read.announcements a WHERE a.task = t.id
        AND a.due_on IS NOT DISTINCT FROM t.due_on AND a.due_at IS NOT DISTINCT FROM t.due_at)
ORDER BY t.id LIMIT $3
"""  # noqa: S608 - literals above
_NEXT = f"""
SELECT min(moment) FROM (
    SELECT t.due_at AS moment FROM read.tasks t
    WHERE t.due_at >= $1 AND t.due_at < $2 AND {_OPEN}
    UNION ALL
    SELECT (t.due_on + 1)::timestamp AT TIME ZONE w.time_zone
    FROM read.tasks t JOIN read.workspaces w ON w.id = t.workspace
    WHERE t.due_on BETWEEN ($1::timestamptz AT TIME ZONE 'UTC')::date - 2
        AND ($2::timestamptz AT TIME ZONE 'UTC')::date + 1 AND {_OPEN}
) AS moments WHERE moment >= $1 AND moment < $2
"""  # noqa: S608


async def passed_deadlines(
    database: Database, *, now: datetime, since: datetime, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Task, workspace, due date and instant, the moment, and the versions of both: of open tasks
    that were due `since` then (or a little earlier) and not announced, by id."""
    return await database.fetch(_PASSED, now, after, limit, since)


async def next_deadline(database: Database, *, now: datetime, before: datetime) -> datetime | None:
    """The next due moment of an open task in that time."""
    [(moment,)] = await database.fetch(_NEXT, now, before)
    found: datetime | None = moment
    return found


class Deadlines:
    """Until when does what is answered now stay true, if nothing happens? Asked by many at once."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._together: Together[timedelta, datetime] = Together(self._ask)

    async def within(self, life: timedelta) -> datetime:
        """The next deadline, or the end of `life`; for an answer that is only made after this."""
        return await self._together.of(life)

    async def _ask(self, lives: Set[timedelta]) -> Mapping[timedelta, datetime]:
        now = self._now()
        latest = now + max(lives)
        found = await next_deadline(self._database, now=now, before=latest) or latest
        return {life: min(found, now + life) for life in lives}
