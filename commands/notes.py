"""What may be done to a note."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.base import Command, Context, Decider, edits
from commands.tagging import arranged
from events.base import Fact, Role
from events.notes import (
    CATEGORY,
    NoteArchived,
    NoteCreated,
    NoteDeleted,
    NoteEdited,
    NoteEvent,
    NoteFavourited,
    NoteRestored,
    NoteTagged,
    NoteUnarchived,
    NoteUnfavourited,
    NoteUntagged,
    changes_by,
)
from events.refusals import Conflict, NotFound


class CreateNote(Command, frozen=True, kw_only=True):
    """`number` is the one that an imported note had before."""

    workspace: UUID
    title: str
    content: str | None = None
    category: str = CATEGORY
    favourite: bool = False
    tags: tuple[UUID, ...] = ()
    number: int | None = None


class EditNote(Command, frozen=True, kw_only=True):
    """What is UNSET stays as it is; None clears."""

    title: str | UnsetType = UNSET
    content: str | None | UnsetType = UNSET
    category: str | UnsetType = UNSET


class MarkNote(Command, frozen=True, kw_only=True):
    """As a favourite, or as none any more."""

    favourite: bool


class ArchiveNote(Command, frozen=True):
    pass


class UnarchiveNote(Command, frozen=True):
    pass


class TagNote(Command, frozen=True, kw_only=True):
    tag: UUID


class UntagNote(Command, frozen=True, kw_only=True):
    tag: UUID


class RetagNote(Command, frozen=True, kw_only=True):
    """Exactly these tags in exactly this order."""

    tags: tuple[UUID, ...]


class DeleteNote(Command, frozen=True):
    pass


class RestoreNote(Command, frozen=True):
    pass


NoteCommand = (
    CreateNote
    | EditNote
    | MarkNote
    | ArchiveNote
    | UnarchiveNote
    | TagNote
    | UntagNote
    | RetagNote
    | DeleteNote
    | RestoreNote
)


class Note(msgspec.Struct, frozen=True, kw_only=True):
    exists: bool = False
    title: str = ""
    content: str | None = None
    category: str = CATEGORY
    favourite: bool = False
    tags: tuple[UUID, ...] = ()
    archived_at: datetime | None = None
    deleted_at: datetime | None = None


def evolve(note: Note, event: NoteEvent, at: datetime) -> Note:
    return replace(note, exists=True, **changes_by(event, note.tags, at))


def decide(command: NoteCommand, note: Note, context: Context) -> Sequence[Fact]:
    if isinstance(command, CreateNote):
        return create(command, note)
    if not note.exists or (note.deleted_at and not isinstance(command, RestoreNote)):
        raise NotFound("there is no such note")
    match command:
        case EditNote():
            changed = edits(command, note)
            return [NoteEdited(**changed)] if changed else []
        case MarkNote():
            return mark(command.favourite, note)
        case ArchiveNote():
            return [] if note.archived_at else [NoteArchived()]
        case UnarchiveNote():
            return [NoteUnarchived()] if note.archived_at else []
        case TagNote():
            return [] if command.tag in note.tags else retag((*note.tags, command.tag), note)
        case UntagNote():
            return [NoteUntagged(tag=command.tag)] if command.tag in note.tags else []
        case RetagNote():
            return retag(command.tags, note)
        case DeleteNote():
            return [NoteDeleted()]
        case RestoreNote():
            return [NoteRestored()] if note.deleted_at else []


def create(command: CreateNote, note: Note) -> Sequence[Fact]:
    if note.exists:
        raise Conflict("a note with this id exists already", code="exists", field="id")
    created = NoteCreated(
        title=command.title,
        content=command.content,
        category=command.category,
        number=command.number,
    )
    return [created, *mark(command.favourite, note), *retag(command.tags, note)]


def mark(favourite: bool, note: Note) -> Sequence[Fact]:
    if favourite == note.favourite:
        return []
    return [NoteFavourited() if favourite else NoteUnfavourited()]


def retag(tags: Sequence[UUID], note: Note) -> Sequence[Fact]:
    return arranged(tags, note.tags, tag=NoteTagged, untag=NoteUntagged)


_ROLES: dict[type[Command], Role] = dict.fromkeys(get_args(NoteCommand), "member")

NOTES = Decider(
    noun="note",
    initial=Note(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
)
