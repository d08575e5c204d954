"""What may be done to a tag. A name is unique in its workspace, as it is typed."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from unicodedata import normalize
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.base import Claim, Command, Context, Decider
from events.base import Fact
from events.refusals import Conflict, Invalid, NotFound
from events.tags import COLOUR, TagCreated, TagDeleted, TagEvent, TagRecoloured, TagRenamed

CLAIM = "tag"
MAX_NAME = 500  # characters; what is sorted by an index has an end


class CreateTag(Command, frozen=True, kw_only=True):
    workspace: UUID
    name: str
    colour: str = COLOUR


class EditTag(Command, frozen=True, kw_only=True):
    """What is UNSET stays as it is."""

    name: str | UnsetType = UNSET
    colour: str | UnsetType = UNSET


class DeleteTag(Command, frozen=True):
    """It disappears from every task."""


TagCommand = CreateTag | EditTag | DeleteTag


class Tag(msgspec.Struct, frozen=True):
    workspace: UUID | None = None
    name: str = ""
    colour: str = COLOUR
    exists: bool = False


def evolve(tag: Tag, event: TagEvent, at: datetime) -> Tag:
    match event:
        case TagCreated():
            return Tag(event.workspace, event.name, event.colour, True)
        case TagRenamed():
            return replace(tag, name=event.name)
        case TagRecoloured():
            return replace(tag, colour=event.colour)
        case TagDeleted():
            return replace(tag, exists=False)


def decide(command: TagCommand, tag: Tag, context: Context) -> Sequence[Fact]:
    if isinstance(command, CreateTag):
        if tag.name:
            raise Conflict("this tag exists already", code="exists", field="name")
        _check(command.name)
        colour = command.colour.upper()
        return [TagCreated(workspace=command.workspace, name=command.name, colour=colour)]
    if not tag.exists:
        raise NotFound("there is no such tag")
    match command:
        case EditTag():
            return edit(command, tag)
        case DeleteTag():
            return [TagDeleted()]


def edit(command: EditTag, tag: Tag) -> Sequence[Fact]:
    facts: list[Fact] = []
    if command.name is not UNSET and command.name != tag.name:
        _check(command.name)
        facts.append(TagRenamed(name=command.name))
    if command.colour is not UNSET and command.colour.upper() != tag.colour:
        facts.append(TagRecoloured(colour=command.colour.upper()))
    return facts


def claims(tag: Tag, event: TagEvent) -> Sequence[Claim]:
    held = Claim(CLAIM, same_name(tag.name), tag.workspace, release=True)
    match event:
        case TagCreated():
            return [Claim(CLAIM, same_name(event.name), event.workspace)]
        case TagRenamed():
            return [held, Claim(CLAIM, same_name(event.name), tag.workspace)]
        case TagDeleted():
            return [held]
        case TagRecoloured():
            return []


def _check(name: str) -> None:
    if len(name) > MAX_NAME:
        raise Invalid(f"a tag has at most {MAX_NAME} characters", field="name")


def same_name(name: str) -> str:
    """Two encodings of the same characters are one name; another case is another name."""
    return normalize("NFC", name)


TAGS = Decider(
    noun="tag",
    initial=Tag(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=dict.fromkeys(get_args(TagCommand), "member"),
    claims=claims,
)
