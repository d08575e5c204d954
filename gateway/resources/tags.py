"""A tag as the native API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from gateway.resources.text import END

Colour = Annotated[
    str, Meta(pattern="^#[0-9A-Fa-f]{6}" + END, description="`#RRGGBB`.", examples=["#3B82F6"])
]


class TaskTag(msgspec.Struct, frozen=True):
    """A tag as what carries it shows it."""

    id: UUID
    name: str
    colour: str


class TagResource(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    workspace: UUID
    name: str
    colour: str
    created_at: datetime
    updated_at: datetime
    version: int


class CountedTag(TagResource, frozen=True, kw_only=True):
    """`tasks`, `notes` and `posts` count those that carry it and are not deleted."""

    tasks: int
    notes: int
    posts: int
