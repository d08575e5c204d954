"""What a projection is: tables whose rows are folds of the events that touch them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import msgspec

from events.envelope import Erased, Recorded, Unreadable
from events.topics import TOPICS

Key = tuple[Any, ...]


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a read model; its fields are the table's columns, in that order."""


R = TypeVar("R", bound=Row)
Evolve = Callable[[R | None, Recorded], R | None]
EvolveKeyed = Callable[[R | None, Recorded, Key], R | None]


@dataclass(frozen=True)
class Table(Generic[R]):
    """How events become the rows of one table.

    `evolve` is pure; it answers the row after the event, or None for none; with `keyed` it also
    gets the row's key. `keys` names the rows that an event touches and never gets an `Erased`
    fact. `is_first` may know that an event cannot find a row of its key yet, which saves looking
    for it. `generated` are columns that Postgres computes, `indexes` what follows `CREATE INDEX
    ON table`.
    """

    name: str
    row: type[R]
    key: tuple[str, ...]
    topics: frozenset[str]
    keys: Callable[[Recorded], Sequence[Key]]
    evolve: Evolve[R] | EvolveKeyed[R]
    is_first: Callable[[Recorded], bool] = lambda recorded: False
    generated: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    keyed: bool = False

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.row.__struct_fields__)

    @cached_property
    def key_of(self) -> Callable[[R], Key]:
        names = self.key
        return lambda row: tuple(getattr(row, name) for name in names)

    @cached_property
    def after(self) -> EvolveKeyed[R]:
        """The row of that key after the event."""
        if self.keyed:
            return cast(EvolveKeyed[R], self.evolve)
        evolve = cast(Evolve[R], self.evolve)
        return lambda row, recorded, key: evolve(row, recorded)


@dataclass(frozen=True)
class Projection:
    """A set of tables with one checkpoint. `version` goes up whenever a row, a fold or an index
    changes: the new tables are then built anew, while the old ones serve."""

    name: str
    version: int
    tables: tuple[Table[Any], ...] = field(default=())

    @property
    def lease(self) -> str:
        """Two versions may be led at once: one serves while the other is built."""
        return f"projector/{self.name}/{self.version}"

    @cached_property
    def routes(self) -> Mapping[str, tuple[int, ...]]:
        """topic -> the tables (by number) that it concerns."""
        topics = frozenset[str]().union(*(table.topics for table in self.tables))
        return {
            topic: tuple(n for n, table in enumerate(self.tables) if topic in table.topics)
            for topic in topics
        }

    @cached_property
    def nouns(self) -> frozenset[str]:
        return frozenset(topic.partition(".")[0] for topic in self.routes)

    def takes(self, recorded: Recorded) -> bool:
        """A topic that only a newer program knows is taken, and parked, if its noun is ours."""
        if recorded.topic in self.routes:
            return not isinstance(recorded.fact, Erased)
        return (
            isinstance(recorded.fact, Unreadable)
            and recorded.topic not in TOPICS
            and recorded.noun in self.nouns
        )


def topics_of(*nouns: str) -> frozenset[str]:
    return frozenset(topic for topic in TOPICS if topic.partition(".")[0] in nouns)


def by_stream(recorded: Recorded) -> Sequence[tuple[UUID]]:
    """The key of a table that has one row a stream."""
    return ((recorded.stream,),)


def born(recorded: Recorded) -> dict[str, Any]:
    """What every row of a resource begins with."""
    return {
        "id": recorded.stream,
        "workspace": recorded.owner,
        "number": recorded.number,
        "created_by": recorded.actor,
        "created_at": recorded.occurred_at,
        **touched(recorded),
    }


def touched(recorded: Recorded) -> dict[str, Any]:
    """What every event of its stream changes in it."""
    return {
        "updated_at": recorded.occurred_at,
        "version": recorded.version,
        "position": recorded.position,
    }


def opens_stream(recorded: Recorded) -> bool:
    return recorded.version == 1
