"""What can happen to a note."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from events.base import Fact, edits_of

CATEGORY = "general"


class NoteCreated(Fact, frozen=True):
    """`content` is Markdown; `number` the one that an imported note had before."""

    title: str
    content: str | None = None
    category: str = CATEGORY
    number: int | None = None


class NoteEdited(Fact, frozen=True):
    """Only what changed is set."""

    title: str | UnsetType = UNSET
    content: str | None | UnsetType = UNSET
    category: str | UnsetType = UNSET


class NoteFavourited(Fact, frozen=True):
    pass


class NoteUnfavourited(Fact, frozen=True):
    pass


class NoteArchived(Fact, frozen=True):
    """Out of sight, but still there and to be found."""


class NoteUnarchived(Fact, frozen=True):
    pass


class NoteTagged(Fact, frozen=True):
    tag: UUID


class NoteUntagged(Fact, frozen=True):
    tag: UUID


class NoteDeleted(Fact, frozen=True):
    pass


class NoteRestored(Fact, frozen=True):
    pass


NoteEvent = (
    NoteCreated
    | NoteEdited
    | NoteFavourited
    | NoteUnfavourited
    | NoteArchived
    | NoteUnarchived
    | NoteTagged
    | NoteUntagged
    | NoteDeleted
    | NoteRestored
)


def changes_by(fact: NoteEvent, tags: tuple[UUID, ...], at: datetime) -> dict[str, Any]:
    """What the fact sets of a note that has these tags: for decisions and read models alike."""
    match fact:
        case NoteCreated():
            return {"title": fact.title, "content": fact.content, "category": fact.category}
        case NoteEdited():
            return edits_of(fact)
        case NoteFavourited():
            return {"favourite": True}
        case NoteUnfavourited():
            return {"favourite": False}
        case NoteArchived():
            return {"archived_at": at}
        case NoteUnarchived():
            return {"archived_at": None}
        case NoteTagged():
            return {"tags": (*tags, fact.tag)}
        case NoteUntagged():
            return {"tags": tuple(tag for tag in tags if tag != fact.tag)}
        case NoteDeleted():
            return {"deleted_at": at}
        case NoteRestored():
            return {"deleted_at": None}
