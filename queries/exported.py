"""What does a row of an export hold, and which question finds it?

Whoever they name is in words: people, tags and their workspace by their names as they are now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from events.base import Priority
from events.exports import ExportNoun
from events.posts import PostStatus
from queries.tasks import OVERDUE


class ExportedTask(msgspec.Struct, frozen=True):
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


class ExportedNote(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    workspace: str
    title: str
    content: str | None
    category: str
    favourite: bool
    created_by: str | None
    tags: Sequence[str] | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class ExportedPost(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    workspace: str
    title: str
    content: str
    status: PostStatus
    slug: str | None
    views: int
    created_by: str | None
    tags: Sequence[str] | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class ExportedEvent(msgspec.Struct, frozen=True):
    """`about` is what it happened to, and `title` that one's as it is now."""

    position: int
    occurred_at: datetime
    actor: str | None
    event: str
    about: UUID
    title: str | None
    changed: Sequence[str]


ExportedRow = ExportedTask | ExportedNote | ExportedPost


@dataclass(frozen=True)
class Exported:
    """`now` says that the question has a moment among its parameters."""

    row: type[ExportedRow]
    sql: str
    now: bool = False


_TAGS = """CASE WHEN t.tags <> '{}' THEN ARRAY(SELECT g.name FROM
    unnest(t.tags) WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id) ORDER BY own.n) END"""
_PAGE = """
JOIN read.workspaces mine ON mine.id = t.workspace
LEFT JOIN read.accounts creator ON creator.id = t.created_by
WHERE t.workspace = $1 AND t.deleted_at IS NULL
    AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2, $3::uuid))
ORDER BY t.created_at DESC, t.id DESC LIMIT $4
"""
_TASKS = f"""
SELECT t.id, t.number, mine.name, t.title, t.description, t.status, t.priority,
    {OVERDUE.format(now="$5::timestamptz")}, t.start_on, t.start_at, t.due_on, t.due_at,
    assignee.full_name, creator.full_name, {_TAGS}, t.created_at, t.updated_at, t.started_at,
    t.completed_at
FROM read.tasks t LEFT JOIN read.accounts assignee ON assignee.id = t.assignee {_PAGE}
"""  # noqa: S608
_NOTES = f"""
SELECT t.id, t.number, mine.name, t.title, t.content, t.category, t.favourite, creator.full_name,
    {_TAGS}, t.created_at, t.updated_at, t.archived_at
FROM read.notes t {_PAGE}
"""  # noqa: S608
_POSTS = f"""
SELECT t.id, t.number, mine.name, t.title, t.content, t.status, t.slug, coalesce(seen.views, 0),
    creator.full_name, {_TAGS}, t.created_at, t.updated_at, t.published_at
FROM read.posts t LEFT JOIN read.post_views seen ON seen.post = t.id {_PAGE}
"""  # noqa: S608

EXPORTED: Mapping[ExportNoun, Exported] = {
    "task": Exported(ExportedTask, _TASKS, now=True),
    "note": Exported(ExportedNote, _NOTES),
    "post": Exported(ExportedPost, _POSTS),
}
