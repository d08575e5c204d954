"""given(decider, facts).when(command) answers the facts that are decided; refusals are raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from commands.base import Command, Context, Decider, Stream
from events.base import Fact, Role
from events.envelope import Caller

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class given:  # noqa: N801 - reads as a sentence
    """The state of one stream after `facts`, all of which happened at `NOW`."""

    decider: Decider[Any]
    facts: Sequence[Fact] = ()

    @property
    def state(self) -> Any:
        state = self.decider.initial
        for fact in self.facts:
            state = self.decider.evolve(state, fact, NOW)
        return state

    def when(
        self,
        command: Command,
        by: UUID | Caller | None = None,
        *,
        members: Mapping[UUID, Role] | None = None,
        related: Mapping[UUID, Stream[Any]] | None = None,
    ) -> list[Fact]:
        caller = by if isinstance(by, Caller) else Caller(account=by)
        context = Context(caller=caller, now=NOW, members=members or {}, related=related or {})
        return list(self.decider.decide(command, self.state, context))
