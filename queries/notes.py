"""Which notes are there, for whoever asks?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries import lists
from queries.database import Database
from queries.lists import Arguments, Listing, containing, list_page, one_row, rows_in, tagged_with
from queries.paging import Page

NoteSort = Literal["created_at", "updated_at", "title", "category"]

COLUMNS = (
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


class AskedNotes(lists.Asked[NoteFilter], frozen=True, kw_only=True):
    pass


async def list_notes(database: Database, asked: AskedNotes) -> Page[NoteRow]:
    arguments = Arguments()
    return await list_page(
        database,
        _LISTING,
        asked,
        NoteRow,
        COLUMNS,
        arguments=arguments,
        conditions=conditions(arguments, asked.wanted),
    )


async def notes_in(database: Database, *, workspace: UUID, wanted: NoteFilter) -> list[NoteRow]:
    """All of one workspace, the newest first. Who may look is the caller's affair."""
    arguments = Arguments()
    return await rows_in(
        database,
        _LISTING,
        NoteRow,
        COLUMNS,
        workspace=workspace,
        arguments=arguments,
        conditions=conditions(arguments, wanted),
    )


async def get_note(database: Database, *, account: UUID, note: UUID) -> NoteRow:
    """Raises `NotFound`, for a deleted one too."""
    row = await one_row(database, _LISTING, NoteRow, COLUMNS, account=account, id=note)
    if row is None:
        raise NotFound("there is no such note")
    return row


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
    where += lists.created_between(arguments, wanted.created_from, wanted.created_to)
    if wanted.text:
        where.append(containing(arguments, wanted.text, "t.title", "t.content"))
    return where
