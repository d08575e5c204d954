"""Bringing one copy forward: rows and checkpoint move in one transaction, or neither."""

import asyncio
import logging
import time
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Recorded
from projections.cache import Cache
from projections.copies import Checkpoint
from projections.database import Connection, Pool
from projections.fold import Plan, Poison
from projections.store import RowStore
from projections.table import Projection

_log = logging.getLogger(__name__)
_PAUSES = (0.05, 0.2, 0.5)
_CACHE_BYTES = 16 << 20
NOTED_WITHIN = 0.25


class Fenced(Exception):
    """Somebody else moved the checkpoint: another projector, a replay, a finished rebuild."""


class Gap(Exception):
    """The events do not follow on the checkpoint."""


class Writer:
    """Holds what is known of one copy, so it is thrown away after any error but `Poison`.

    Events that are not the projection's change nothing but its checkpoint, so that waits for those
    that are, up to `NOTED_WITHIN` seconds: `position` is how far it got, `checkpoint` what is
    written of that.
    """

    def __init__(
        self, pool: Pool, projection: Projection, checkpoint: Checkpoint, parked: set[UUID]
    ) -> None:
        self._pool = pool
        self._projection = projection
        self._rows = RowStore(projection, checkpoint)
        budget = _CACHE_BYTES // len(projection.tables)
        self._caches = [Cache(table, budget) for table in projection.tables]
        self.checkpoint = checkpoint
        self.position = checkpoint.position
        self.parked = parked
        self._behind_since = 0.0

    @classmethod
    async def open(cls, pool: Pool, projection: Projection, checkpoint: Checkpoint) -> "Writer":
        async with pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT DISTINCT stream FROM dead_letters WHERE projection = $1 AND copy = $2",
                projection.name,
                checkpoint.copy,
            )
        return cls(pool, projection, checkpoint, {row["stream"] for row in rows})

    @property
    def is_noted(self) -> bool:
        return self.position == self.checkpoint.position

    async def note(self) -> None:
        """Write down how far it got."""
        async with self._pool.connection() as connection, connection.transaction():
            await self._fence(connection, self.position)
        self._noted(self.position)

    async def apply(self, events: Sequence[Recorded]) -> None:
        """Project these events; what cannot be projected is parked after a few attempts."""
        if not any(map(self._projection.takes, events)) and self._may_be_noted_later():
            self._demand_next(events)
            self.position = events[-1].position
            return
        for pause in _PAUSES:
            try:
                await self._commit(events)
            except Poison as error:
                _log.warning("%s: trying a batch again: %s", self._projection.name, error)
                await asyncio.sleep(pause)
            else:
                return
        await self._isolate(events)

    async def write(
        self, connection: Connection, events: Sequence[Recorded], reason: str | None = None
    ) -> Plan:
        """All of it in the caller's transaction; tell `settled` once that is committed.

        With a `reason` the events are parked unread.
        """
        self._demand_next(events)
        await self._fence(connection, events[-1].position)
        plan = Plan(self._projection, () if reason else events, self.parked, self._caches)
        for event in events if reason else ():
            plan.park(event, reason or "")
        await self._rows.project(connection, plan)
        await self._rows.park(connection, plan.letters)
        return plan

    def settled(self, plan: Plan, position: int) -> None:
        self._noted(position)
        self.parked = plan.parked
        for cache, rows in zip(self._caches, plan.rows, strict=True):
            for key, row in rows.items():
                cache.put(key, row)
        for letter in plan.letters:
            _log.error(
                "%s: parked the %s at position %d: %s",
                self._projection.name,
                letter.recorded.topic,
                letter.recorded.position,
                letter.reason,
            )

    async def _commit(self, events: Sequence[Recorded], reason: str | None = None) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            plan = await self.write(connection, events, reason)
        self.settled(plan, events[-1].position)

    async def _isolate(self, events: Sequence[Recorded]) -> None:
        """Halve the batch until the culprit is alone, then park it."""
        try:
            await self._commit(events)
        except Poison as error:
            if len(events) == 1:
                await self._commit(events, str(error))
                return
            middle = len(events) // 2
            await self._isolate(events[:middle])
            await self._isolate(events[middle:])

    def _demand_next(self, events: Sequence[Recorded]) -> None:
        first, last = events[0].position, events[-1].position
        if first != self.position + 1 or last - first + 1 != len(events):
            raise Gap(
                f"{self._projection.name}: after position {self.position} came "
                f"{len(events)} events from {first} to {last}"
            )

    async def _fence(self, connection: Connection, position: int) -> None:
        """First of all: whoever else writes this copy waits here, and then finds it moved on.

        Rows and checkpoint may be lost together in a crash, so nobody waits for the disk.
        """
        moved = await connection.fetchval(
            "UPDATE checkpoints SET position = $5, updated_at = clock_timestamp()"
            " WHERE projection = $1 AND copy = $2 AND position = $3 AND revision = $4"
            " RETURNING set_config('synchronous_commit', 'off', true)",
            self._projection.name,
            self.checkpoint.copy,
            self.checkpoint.position,
            self.checkpoint.revision,
            position,
        )
        if moved is None:
            stood = self.checkpoint.position
            raise Fenced(f"{self._projection.name}: somebody else moved on from {stood}")

    def _noted(self, position: int) -> None:
        self.checkpoint = replace(self.checkpoint, position=position)
        self.position = position

    def _may_be_noted_later(self) -> bool:
        now = time.monotonic()
        if self.is_noted:
            self._behind_since = now
        return now - self._behind_since < NOTED_WITHIN
