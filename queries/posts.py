"""Which posts are there, for whoever asks?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from events.posts import PostStatus
from events.refusals import NotFound
from queries import lists
from queries.database import Database
from queries.lists import Arguments, Listing, containing, list_page, one_row, rows_in, tagged_with
from queries.paging import Page

PostSort = Literal["created_at", "updated_at", "published_at", "title", "status", "views"]

_VIEWS = "coalesce(seen.views, 0)"
COLUMNS = (
    "t.id, t.number, t.workspace, t.title, t.content, t.status, t.slug,"
    f" {_VIEWS} AS views, t.created_by, t.created_at, t.updated_at, t.published_at, t.deleted_at,"
    " t.version"
)
SOURCE = "read.posts t LEFT JOIN read.post_views seen ON seen.post = t.id"
_LISTING = Listing(
    "posts",
    SOURCE,
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


class AskedPosts(lists.Asked[PostFilter], frozen=True, kw_only=True):
    pass


async def list_posts(database: Database, asked: AskedPosts) -> Page[PostRow]:
    arguments = Arguments()
    return await list_page(
        database,
        _LISTING,
        asked,
        PostRow,
        COLUMNS,
        arguments=arguments,
        conditions=conditions(arguments, asked.wanted),
    )


async def posts_in(database: Database, *, workspace: UUID, wanted: PostFilter) -> list[PostRow]:
    """All of one workspace, the newest first. Who may look is the caller's affair."""
    arguments = Arguments()
    return await rows_in(
        database,
        _LISTING,
        PostRow,
        COLUMNS,
        workspace=workspace,
        arguments=arguments,
        conditions=conditions(arguments, wanted),
    )


async def get_post(database: Database, *, account: UUID, post: UUID) -> PostRow:
    """Raises `NotFound`, for a deleted one too."""
    row = await one_row(database, _LISTING, PostRow, COLUMNS, account=account, id=post)
    if row is None:
        raise NotFound("there is no such post")
    return row


async def views_seen(database: Database, post: UUID) -> int:
    """How often it was seen up to now."""
    records = await database.fetch("SELECT views FROM read.post_views WHERE post = $1", post)
    return int(records[0]["views"]) if records else 0


def conditions(arguments: Arguments, wanted: PostFilter) -> list[str]:
    where = ["t.deleted_at IS NOT NULL" if wanted.deleted else "t.deleted_at IS NULL"]
    if wanted.statuses:
        where.append(f"t.status = ANY({arguments.add(list(wanted.statuses))}::text[])")
    if wanted.slug is not None:
        where.append(f"t.slug = {arguments.add(wanted.slug)}")
    if wanted.tags:
        where.append(tagged_with(arguments, wanted.tags))
    where += lists.created_between(arguments, wanted.created_from, wanted.created_to)
    if wanted.text:
        where.append(containing(arguments, wanted.text, "t.title", "t.content"))
    return where
