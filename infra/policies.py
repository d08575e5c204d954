"""Whenever this happens, do that: reactions, in the transaction that moves their checkpoint."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Protocol
from uuid import UUID

from events.envelope import Recorded
from infra.postgres import Pool, PooledConnection

_log = logging.getLogger(__name__)

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
# How far it reads on before it writes down that nothing concerned it.
_STRIDE = 1_000

Reaction = Callable[[PooledConnection], Awaitable[None]]


class Log(Protocol):
    @property
    def log_id(self) -> UUID: ...
    async def head(self) -> int: ...


class Source(Protocol):
    def batches(self, after: int) -> AsyncGenerator[list[Recorded], None]: ...


class MovedOn(Exception):
    """Another process follows the log for the same policy."""


class Policy:
    """`react` says what to do about a batch, if anything: its writes and the checkpoint are one
    transaction. A policy that is new, or new to this log, begins at the head: what happened
    before it came to be does not concern it. `done` is told of each reaction once it is committed.
    """

    def __init__(
        self,
        name: str,
        *,
        pool: Pool,
        log: Log,
        source: Source,
        react: Callable[[Sequence[Recorded]], Reaction | None],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._pool = pool
        self._record = log
        self._source = source
        self._react = react
        self._done = done
        self._pause = _SHORTEST_PAUSE

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._follow()
            except Exception as error:
                _log.warning("policy %s: looking again: %s", self.name, type(error).__name__)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _follow(self) -> None:
        position = await self._opened()
        async with aclosing(self._source.batches(position)) as batches:
            async for events in batches:
                reached, reaction = events[-1].position, self._react(events)
                if reaction is not None or reached - position >= _STRIDE:
                    await self._move(position, reached, reaction)
                    position, self._pause = reached, _SHORTEST_PAUSE
                if reaction is not None:
                    self._done()

    async def _opened(self) -> int:
        """Where to go on."""
        head = await self._record.head()
        async with self._pool.connection() as connection:
            position = await connection.fetchval(
                "INSERT INTO policies AS known (name, log_id, position) VALUES ($1, $2, $3)"
                " ON CONFLICT (name) DO UPDATE SET log_id = $2, position ="
                " CASE WHEN known.log_id = $2 THEN known.position ELSE $3 END RETURNING position",
                self.name,
                self._record.log_id,
                head,
            )
        return int(position)

    async def _move(self, position: int, reached: int, reaction: Reaction | None) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            moved = await connection.fetchval(
                "UPDATE policies SET position = $3, updated_at = clock_timestamp()"
                " WHERE name = $1 AND position = $2 AND log_id = $4 RETURNING true",
                self.name,
                position,
                reached,
                self._record.log_id,
            )
            if not moved:
                raise MovedOn(f"{self.name} went on from {position} elsewhere")
            if reaction is not None:
                await reaction(connection)
