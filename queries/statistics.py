"""How many tasks has a workspace, of which kinds, and how many of them are done?"""

from datetime import datetime
from uuid import UUID

import msgspec

from events.base import Priority
from events.refusals import NotFound
from queries.analytics import rate
from queries.database import Database
from queries.tasks import OVERDUE

PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
_BY_PRIORITY = ", ".join(f"count(*) FILTER (WHERE priority = '{each}')" for each in PRIORITIES)
_STATISTICS = f"""
WITH mine AS (
    SELECT w.id, w.time_zone FROM read.members m JOIN read.workspaces w ON w.id = m.workspace
    WHERE m.account = $1 AND w.id = $2
), shown AS MATERIALIZED (
    SELECT t.status = 'completed' AS completed, {OVERDUE.format(now="$3::timestamptz")} AS overdue,
        t.priority, t.tags
    FROM mine JOIN read.tasks t ON t.workspace = mine.id WHERE t.deleted_at IS NULL
), used AS (
    SELECT g.id, g.name, g.colour, count(*) AS tasks
    FROM shown, unnest(shown.tags) WITH ORDINALITY AS own(tag, n) JOIN read.tags g ON g.id = own.tag
    WHERE array_position(shown.tags, own.tag) = own.n  -- a task may have one several times
    GROUP BY g.id, g.name, g.colour
), counted AS (
    SELECT count(*), count(*) FILTER (WHERE completed), count(*) FILTER (WHERE overdue),
        ARRAY[{_BY_PRIORITY}] FROM shown
)
SELECT counted.*, ARRAY(SELECT used FROM used ORDER BY name COLLATE "C", id)
FROM mine, counted
"""  # noqa: S608 - literals above


class TagUse(msgspec.Struct, frozen=True):
    tag: UUID
    name: str
    colour: str
    tasks: int


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """`completion_rate` is in percent; `overdue` ones are incomplete too; `by_tag` lists the tags
    in use, by name."""

    workspace: UUID
    total: int
    completed: int
    incomplete: int
    overdue: int
    completion_rate: float
    by_priority: dict[Priority, int]
    by_tag: list[TagUse]


async def statistics_of(
    database: Database, *, account: UUID, workspace: UUID, now: datetime
) -> Statistics:
    """Raises `NotFound` for a workspace that the account is not in."""
    records = await database.fetch(_STATISTICS, account, workspace, now)
    if not records:
        raise NotFound("there is no such workspace", field="workspace")
    total, completed, overdue, priorities, tags = records[0].values()
    return Statistics(
        workspace=workspace,
        total=total,
        completed=completed,
        incomplete=total - completed,
        overdue=overdue,
        completion_rate=rate(completed, total),
        by_priority=dict(zip(PRIORITIES, priorities, strict=True)),
        by_tag=[TagUse(*tag) for tag in tags],
    )
