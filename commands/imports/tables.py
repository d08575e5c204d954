"""Which tables does an older system have, as far as its rows move in, and what do they become?"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from commands.base import Claim
from commands.imports.items import Item, stream_of
from commands.imports.people import Person
from commands.imports.rows import Row
from commands.numbers import old_number
from events.ids import personal_workspace_of
from events.refusals import Invalid
from events.tags import COLOUR


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the one row that `by` refers to; null where there is no such row."""

    names: tuple[str, ...]
    column: tuple[str, ...]
    by: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A column of every row that a table of pairs ties to this one, in order. Empty where there
    are no such tables."""

    pairs: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    names: tuple[str, ...]
    column: tuple[str, ...]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A tag by its name. `stream` is the id that it is to have, if it is not there yet."""

    workspace: UUID
    name: str
    at: datetime
    actor: UUID | None
    stream: UUID | None = None
    colour: str = COLOUR


class OldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an older system, found below the folder that was named; `field` says where."""

    stream: UUID
    path: str
    field: str
    size: int
    becomes: Callable[[str], Item]
    """What it becomes, given its SHA-256."""


@dataclass(frozen=True, kw_only=True)
class OldTable:
    """`names` and each of `columns` are what different versions called it. A column of `optional`
    may be missing. Rows come in `order`; `grouped` makes one of all that share a column."""

    names: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    optional: Collection[str] = ()
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    lists: Mapping[str, Listing] = field(default_factory=dict)
    order: tuple[str, ...] = ("id",)
    grouped: bool = False
    may_be_missing: bool = False


@dataclass(kw_only=True)
class Known:
    """What has been found out so far about the rows that others refer to."""

    system: str
    now: datetime
    space: UUID | None = None
    people: dict[str, UUID] = field(default_factory=dict)
    refused: dict[str, set[str]] = field(default_factory=dict)
    tags: dict[tuple[UUID, str], UUID] = field(default_factory=dict)

    def account(self, row: Row, field: str, users: str = "users") -> UUID:
        key = row.reference(field)
        if key in self.people:
            return self.people[key]
        if key in self.refused.get(users, ()):
            return row.refuse(field, f"{users} {key} was refused")
        return row.refuse(field, f"there is no {users} {key}")

    def demand_accepted(self, row: Row, field: str, table: str) -> None:
        key = row.reference(field)
        if key in self.refused.get(table, ()):
            row.refuse(field, f"{table} {key} was refused")


@dataclass(frozen=True)
class People:
    left_out: ClassVar[str] = ""
    table: OldTable
    read: Callable[[Row, Known], Person]


@dataclass(frozen=True)
class Things:
    """`names` are the tags that a row speaks of; they are there before it is read."""

    left_out: ClassVar[str] = ""
    table: OldTable
    stream: Callable[[Row], UUID]
    read: Callable[[Row, Known], Item]
    names: Callable[[Row, Known], Iterable[Named]] = lambda row, known: ()


@dataclass(frozen=True)
class Tags:
    left_out: ClassVar[str] = ""
    table: OldTable
    read: Callable[[Row, Known], Named]


@dataclass(frozen=True)
class Files:
    table: OldTable
    read: Callable[[Row, Known], OldFile]
    left_out: ClassVar[str] = "name the folder where they lie, with --files"


@dataclass(frozen=True)
class News:
    """What its people were told and have not read; None for what is left behind. All else that
    moved in before is no news to them."""

    table: OldTable
    read: Callable[[Row, Known], Item | None]
    left_out: ClassVar[str] = "they were read, or nothing here says the like"


Step = People | Things | Tags | Files | News


@dataclass(frozen=True)
class OldSystem:
    """Its tables in the order in which they refer to each other. `shared` says that everything
    belongs to one workspace, which everybody joins."""

    name: Literal["taskflow", "todo", "taskhub", "phase3", "taskmanager"]
    steps: Sequence[Step]
    shared: bool = False


home_of = lru_cache(4_096)(personal_workspace_of)


def numbered(system: str, noun: str) -> Callable[[Row], UUID]:
    """The stream of a row with an integer id."""
    return lambda row: stream_of(system, noun, row.number("id"))


def with_uuid(row: Row) -> UUID:
    return row.uuid("id")


def same(*names: str) -> dict[str, tuple[str, ...]]:
    """Columns that are called as we call them."""
    return {name: (name,) for name in names}


def number_of(row: Row, system: str, noun: str) -> tuple[int, Claim]:
    number = row.number("id")
    try:
        return number, old_number(system, noun, number)
    except Invalid as error:
        return row.refuse("id", str(error))
