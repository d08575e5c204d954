"""Which posts are there, for whoever asks?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from events.posts import PostStatus
from queries.database import Database
from queries.listed import Listed
from queries.lists import Arguments, Listing, containing, created_between, tagged_with

PostSort = Literal["created_at", "updated_at", "published_at", "title", "status", "views"]

_VIEWS = "coalesce(seen.views, 0)"
_COLUMNS = (
    "t.id, t.number, t.workspace, t.title, t.content, t.status, t.slug,"
    f" {_VIEWS} AS views, t.created_by, t.created_at, t.updated_at, t.published_at, t.deleted_at,"
    " t.version"
)
_SOURCE = "read.posts t LEFT JOIN read.post_views seen ON seen.post = t.id"
_LISTING = Listing(
    "posts",
    _SOURCE,
    {
        "created_at": ("t.created_at", "timestamptz"),
        "updated_at": ("t.updated_at", "timestamptz"),
        "published_at": ("coalesce(t.published_at, '{missing}')", "timestamptz"),
        "title": ('lower(t.title) COLLATE "C"', 'text COLLATE "C"'),
        "status": ("array_position('{draft,published,archived}'::text[], t.status)", "integer"),
        "views": (_VIEWS, "bigint"),
    },
)


class PostFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None and empty mean everything. `tags` are ids or names, any
    of which will do. Ranges include their begin only."""

    workspaces: Sequence[UUID] = ()
    statuses: Sequence[PostStatus] = ()
    slug: str | None = None
    tags: Sequence[str] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    text: str | None = None
    deleted: bool = False


class PostRow(msgspec.Struct, frozen=True):
    """A post as the list's SQL selects it, in that order."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    content: str
    status: PostStatus
    slug: str | None
    views: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    deleted_at: datetime | None
    version: int
    tags: Sequence[str] | None
    sort_key: str


async def views_seen(database: Database, post: UUID) -> Mapping[str, object]:
    """How often it was seen up to now."""
    records = await database.fetch("SELECT views FROM read.post_views WHERE post = $1", post)
    return {"views": records[0]["views"] if records else 0}


def conditions(arguments: Arguments, wanted: PostFilter) -> list[str]:
    where = ["t.deleted_at IS NOT NULL" if wanted.deleted else "t.deleted_at IS NULL"]
    if wanted.statuses:
        where.append(f"t.status = ANY({arguments.add(list(wanted.statuses))}::text[])")
    if wanted.slug is not None:
        where.append(f"t.slug = {arguments.add(wanted.slug)}")
    if wanted.tags:
        where.append(tagged_with(arguments, wanted.tags))
    where += created_between(arguments, wanted.created_from, wanted.created_to)
    if wanted.text:
        where.append(containing(arguments, wanted.text, "t.title", "t.content"))
    return where


POSTS = Listed("post", _LISTING, PostRow, _COLUMNS, conditions)
