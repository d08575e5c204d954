"""What can happen to a tag; tasks refer to tags by id, so a rename touches one stream."""

from uuid import UUID

from events.base import Fact

COLOUR = "#3B82F6"


class TagCreated(Fact, frozen=True):
    """`colour` is `#RRGGBB`."""

    workspace: UUID
    name: str
    colour: str = COLOUR


class TagRenamed(Fact, frozen=True):
    name: str


class TagRecoloured(Fact, frozen=True):
    colour: str


class TagDeleted(Fact, frozen=True):
    """It is on no task any more; its name is free again."""


TagEvent = TagCreated | TagRenamed | TagRecoloured | TagDeleted
