"""The facts that analytics are made of: few rows a question, however many tasks there are.

Postgres counts, polars measures. What is deleted does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries.database import Database
from queries.lazily import Lazily
from queries.windows import Grain, Window, today

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Lazily("polars")

_MINE = """
SELECT w.id, w.time_zone, w.personal, a.time_zone AS profile_zone FROM read.members m
JOIN read.workspaces w ON w.id = m.workspace LEFT JOIN read.accounts a ON a.id = m.account
WHERE m.account = $1 AND ($2::uuid[] IS NULL OR w.id = ANY($2))
"""
_PLACES = "unnest($1::uuid[], $2::date[]) AS mine(id, today)"
_CUBE = f"""
SELECT CASE WHEN t.status <> 'completed' AND coalesce(t.due_at < $3, t.due_on < mine.today, false)
    THEN 'overdue' ELSE t.status END AS status, t.priority, t.assignee, count(*) AS tasks
FROM {_PLACES} JOIN read.tasks t ON t.workspace = mine.id
WHERE t.deleted_at IS NULL AND ($4::timestamptz IS NULL OR t.created_at >= $4)
    AND ($5::timestamptz IS NULL OR t.created_at < $5)
GROUP BY 1, 2, 3
"""  # noqa: S608
_TAGS = """
SELECT g.id, g.name, g.colour, used.completed, used.tasks FROM (
    SELECT tag, t.status = 'completed' AS completed, count(*) AS tasks
    FROM read.tasks t, unnest(t.tags) WITH ORDINALITY AS own(tag, n)
    WHERE t.workspace = ANY($1::uuid[]) AND t.deleted_at IS NULL AND t.tags <> '{}'
        AND array_position(t.tags, tag) = n  -- a task may have one several times
        AND ($2::timestamptz IS NULL OR t.created_at >= $2)
        AND ($3::timestamptz IS NULL OR t.created_at < $3)
    GROUP BY 1, 2
) used JOIN read.tags g ON g.id = used.tag
"""
_MEMBERS = """
SELECT DISTINCT m.account, a.username, coalesce(a.full_name, '')
FROM read.members m LEFT JOIN read.accounts a ON a.id = m.account
WHERE m.workspace = ANY($1::uuid[])
"""
_NAMES = "SELECT id, username, full_name FROM read.accounts WHERE id = ANY($1::uuid[])"
_PER_BUCKET = """
SELECT width_bucket(t.{moment}, $2::timestamptz[]) AS bucket, count(*) AS tasks FROM read.tasks t
WHERE t.workspace = ANY($1::uuid[]) AND t.deleted_at IS NULL
    AND t.{moment} >= $3 AND t.{moment} < $4 GROUP BY 1
"""
_TIMES = """
SELECT t.assignee, width_bucket(t.completed_at, $2::timestamptz[]) AS bucket,
    array_agg(greatest(0, extract(epoch FROM t.completed_at - t.created_at))::float8),
    array_agg(greatest(0, extract(epoch FROM t.completed_at - t.started_at))::float8)
        FILTER (WHERE t.started_at IS NOT NULL)
FROM read.tasks t
WHERE t.workspace = ANY($1::uuid[]) AND t.deleted_at IS NULL
    AND t.completed_at IS NOT NULL
    AND ($3::timestamptz IS NULL OR t.{moment} >= $3)
    AND ($4::timestamptz IS NULL OR t.{moment} < $4)
GROUP BY 1, 2
"""
_AGES = """
SELECT coalesce(array_agg(greatest(0, extract(epoch FROM $2 - t.created_at))::float8), '{}')
FROM read.tasks t
WHERE t.workspace = ANY($1::uuid[]) AND t.deleted_at IS NULL AND t.status <> 'completed'
"""

# Columns and the names of polars' types for them.
CUBE_COLUMNS = {
    "status": "String",
    "priority": "String",
    "assignee": "String",
    "tasks": "Int64",
}
TAG_COLUMNS = {
    "tag": "String",
    "name": "String",
    "colour": "String",
    "completed": "Boolean",
    "tasks": "Int64",
}
MEMBER_COLUMNS = {"account": "String", "username": "String", "full_name": "String"}
BUCKET_COLUMNS = {"bucket": "Int64", "tasks": "Int64"}
TIME_COLUMNS = {
    "assignee": "String",
    "bucket": "Int64",
    "cycle": "Float64s",
    "work": "Float64s",
}


def empty_frame(columns: dict[str, str]) -> pl.DataFrame:
    return frame_of([], columns)


def frame_of(rows: list[list[Any]], columns: dict[str, str]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        name: pl.List(pl.Float64) if kind == "Float64s" else getattr(pl, kind)
        for name, kind in columns.items()
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


class Places(msgspec.Struct, frozen=True):
    """The workspaces asked about, with their zones; `zone` is the one to take if none is said,
    and `profile_zone` where the caller says to live, if they do."""

    zones: dict[UUID, str]
    zone: str
    profile_zone: str | None = None

    @property
    def ids(self) -> list[UUID]:
        return list(self.zones)


class Facts:
    """Asks about workspaces that the caller may see, as of `now`."""

    def __init__(self, database: Database, places: Places, now: datetime) -> None:
        self._database = database
        self._places = places
        self._now = now

    async def cube(self, begin: datetime | None, end: datetime | None) -> pl.DataFrame:
        """Tasks created then, by status (overdue is one), priority and assignee."""
        zones = self._places.zones
        days = [today(self._now, zone) for zone in zones.values()]
        return await self._frame(CUBE_COLUMNS, _CUBE, list(zones), days, self._now, begin, end)

    async def tags(self, begin: datetime | None, end: datetime | None) -> pl.DataFrame:
        return await self._frame(TAG_COLUMNS, _TAGS, self._places.ids, begin, end)

    async def members(self) -> pl.DataFrame:
        return await self._frame(MEMBER_COLUMNS, _MEMBERS, self._places.ids)

    async def names(self, cube: pl.DataFrame) -> pl.DataFrame:
        """Of those to whom anything is assigned, members still or not."""
        assigned = cube["assignee"].drop_nulls().unique().to_list()
        return await self._frame(MEMBER_COLUMNS, _NAMES, assigned)

    async def created(self, window: Window, grain: Grain) -> pl.DataFrame:
        return await self._buckets("created_at", window, grain)

    async def completed(self, window: Window, grain: Grain) -> pl.DataFrame:
        return await self._buckets("completed_at", window, grain)

    async def times(self, window: Window) -> pl.DataFrame:
        """How long what was completed then took, by assignee and week."""
        bounds = window.bounds("week")
        sql = _TIMES.format(moment="completed_at")
        return await self._frame(TIME_COLUMNS, sql, self._places.ids, bounds, bounds[0], bounds[-1])

    async def times_of_created(self, begin: datetime | None, end: datetime | None) -> pl.DataFrame:
        """How long what was created then took, as far as it is completed, by assignee."""
        sql = _TIMES.format(moment="created_at")
        return await self._frame(TIME_COLUMNS, sql, self._places.ids, [self._now], begin, end)

    async def ages(self) -> pl.Series:
        """Of what is open, in seconds."""
        [record] = await self._database.fetch(_AGES, self._places.ids, self._now)
        return pl.Series(record[0], dtype=pl.Float64)

    async def _buckets(self, moment: str, window: Window, grain: Grain) -> pl.DataFrame:
        bounds = window.bounds(grain)
        sql = _PER_BUCKET.format(moment=moment)
        return await self._frame(
            BUCKET_COLUMNS, sql, self._places.ids, bounds, bounds[0], bounds[-1]
        )

    async def _frame(self, columns: dict[str, str], sql: str, *arguments: object) -> pl.DataFrame:
        records = await self._database.fetch(sql, *arguments)
        rows = [[_plain(value) for value in record.values()] for record in records]
        return frame_of(rows, columns)


async def places_of(
    database: Database, *, account: UUID, workspaces: Sequence[UUID] = ()
) -> Places:
    """The account's workspaces, or those named. Raises `NotFound` for one that it is not in."""
    wanted = list(workspaces) or None
    records = await database.fetch(_MINE, account, wanted)
    if wanted and len(records) < len(set(wanted)):
        raise NotFound("there is no such workspace", field="workspace")
    zones = {record["id"]: record["time_zone"] for record in records}
    own = [record["time_zone"] for record in records if record["personal"]]
    alone = list(zones.values()) if len(zones) == 1 else own
    profile_zone = records[0]["profile_zone"] if records else None
    return Places(zones, alone[0] if alone else "UTC", profile_zone)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
