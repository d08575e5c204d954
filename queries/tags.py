"""Which tags are there, and how often is each used?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries.database import Database

_TAGS = """
WITH mine AS (
    SELECT m.workspace FROM read.members m
    WHERE m.account = $1 AND ($2::uuid[] IS NULL OR m.workspace = ANY($2))
), carriers AS (
    SELECT 'task' AS noun, t.tags, t.workspace, t.deleted_at FROM read.tasks t
    UNION ALL SELECT 'note', t.tags, t.workspace, t.deleted_at FROM read.notes t
    UNION ALL SELECT 'post', t.tags, t.workspace, t.deleted_at FROM read.posts t
), used AS (
    SELECT tag, count(*) FILTER (WHERE noun = 'task') AS tasks,
        count(*) FILTER (WHERE noun = 'note') AS notes,
        count(*) FILTER (WHERE noun = 'post') AS posts
    FROM carriers t, unnest(t.tags) WITH ORDINALITY AS own(tag, n)
    WHERE array_position(t.tags, tag) = n  -- one may be there several times
        AND t.workspace IN (SELECT workspace FROM mine) AND t.deleted_at IS NULL
        AND ($3::uuid IS NULL OR tag = $3)
    GROUP BY tag
)
SELECT g.id, g.workspace, g.name, g.colour, g.created_at, g.updated_at, g.version,
    coalesce(used.tasks, 0), coalesce(used.notes, 0), coalesce(used.posts, 0)
FROM mine JOIN read.tags g USING (workspace) LEFT JOIN used ON used.tag = g.id
WHERE $3::uuid IS NULL OR g.id = $3
ORDER BY g.name COLLATE "C", g.id
"""


class TagRow(msgspec.Struct, frozen=True):
    id: UUID
    workspace: UUID
    name: str
    colour: str
    created_at: datetime
    updated_at: datetime
    version: int
    tasks: int
    notes: int
    posts: int


async def list_tags(
    database: Database, *, account: UUID, workspaces: Sequence[UUID] = ()
) -> list[TagRow]:
    """By name; those of all the account's workspaces, unless some are named."""
    records = await database.fetch(_TAGS, account, list(workspaces) or None, None)
    return [TagRow(*record.values()) for record in records]


async def get_tag(database: Database, *, account: UUID, tag: UUID) -> TagRow:
    """Raises `NotFound`."""
    records = await database.fetch(_TAGS, account, None, tag)
    if not records:
        raise NotFound("there is no such tag")
    return TagRow(*records[0].values())
