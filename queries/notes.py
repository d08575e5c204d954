"""Which notes are there, for whoever asks?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from queries.listed import Listed
from queries.lists import Arguments, Listing, containing, created_between, tagged_with

NoteSort = Literal["created_at", "updated_at", "title", "category"]

_COLUMNS = (
    "t.id, t.number, t.workspace, t.title, t.content, t.category, t.favourite, t.created_by,"
    " t.created_at, t.updated_at, t.archived_at, t.deleted_at, t.version"
)
_LISTING = Listing(
    "notes",
    "read.notes t",
    {
        "created_at": ("t.created_at", "timestamptz"),
        "updated_at": ("t.updated_at", "timestamptz"),
        "title": ('lower(t.title) COLLATE "C"', 'text COLLATE "C"'),
        "category": ('lower(t.category) COLLATE "C"', 'text COLLATE "C"'),
    },
)


class NoteFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None and empty mean everything. `tags` are ids or names, any
    of which will do. Ranges include their begin only."""

    workspaces: Sequence[UUID] = ()
    categories: Sequence[str] = ()
    favourite: bool | None = None
    archived: bool | None = None
    tags: Sequence[str] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    text: str | None = None
    deleted: bool = False


class NoteRow(msgspec.Struct, frozen=True):
    """A note as the list's SQL selects it, in that order."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    content: str | None
    category: str
    favourite: bool
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None
    version: int
    tags: Sequence[str] | None
    sort_key: str


def conditions(arguments: Arguments, wanted: NoteFilter) -> list[str]:
    where = ["t.deleted_at IS NOT NULL" if wanted.deleted else "t.deleted_at IS NULL"]
    if wanted.categories:
        where.append(f"t.category = ANY({arguments.add(list(wanted.categories))}::text[])")
    if wanted.favourite is not None:
        where.append("t.favourite" if wanted.favourite else "NOT t.favourite")
    if wanted.archived is not None:
        where.append(f"t.archived_at IS {'NOT ' if wanted.archived else ''}NULL")
    if wanted.tags:
        where.append(tagged_with(arguments, wanted.tags))
    where += created_between(arguments, wanted.created_from, wanted.created_to)
    if wanted.text:
        where.append(containing(arguments, wanted.text, "t.title", "t.content"))
    return where


NOTES = Listed("note", _LISTING, NoteRow, _COLUMNS, conditions)
