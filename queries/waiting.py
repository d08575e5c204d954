"""When do the read models show a position? Many wait, and few ask the database."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from events.refusals import Unavailable
from projections.database import Pool
from projections.writer import NOTED_WITHIN

_ASK_EVERY = 0.1
_ASK_AT_MOST_EVERY = 0.02
_HOLDS = 4 * NOTED_WITHIN


class WatchedPool(Pool, Protocol):
    @property
    def lost(self) -> int:
        """How many connections have ended so far. A crash of the server ends them all."""
        ...


class Waiter:
    """Told of each projector's commits by `passed`; since that can be lost it also asks.

    One question at a time stands for all who wait, and nobody asks where the last word already
    suffices. The last word counts, not the highest: after a crash of the database a read model
    may stand further back than it did. So what was heard before a connection was lost counts
    for nothing until the database itself has answered again. Otherwise it counts for more than an
    answer from there, for as long as a projector may be ahead of its checkpoint.
    """

    def __init__(self, pool: WatchedPool, log_id: UUID) -> None:
        self._pool = pool
        self._log_id = log_id
        self._known: dict[str, int] = {}
        self._heard_at: dict[str, float] = {}
        self._lost = pool.lost  # when `_known` was known to hold
        self._waiting: dict[asyncio.Future[None], tuple[str, int]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self.questions = 0

    async def wait_for(self, projection: str, position: int, seconds: float = 2.0) -> None:
        """Raises `Unavailable` (`projection-lag`) when it takes longer than that."""
        if self._pool.lost == self._lost and self._known.get(projection, -1) >= position:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[future] = (projection, position)
        self._ask()
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            raise Unavailable(
                f"the read model {projection} has not reached position {position} yet",
                code="projection-lag",
            ) from None
        finally:
            del self._waiting[future]

    def passed(self, projection: str, position: int) -> None:
        """What `<prefix>.hints.projected.<projection>` says."""
        if self._pool.lost != self._lost:
            self._arrived.set()  # perhaps: whoever waits asks at once
            return
        self._known[projection] = position
        self._heard_at[projection] = time.monotonic()
        for future, (wanted, at_least) in self._waiting.items():
            if wanted == projection and at_least <= position and not future.done():
                future.set_result(None)

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    def _ask(self) -> None:
        self._arrived.set()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_while_waited_for())

    async def _ask_while_waited_for(self) -> None:
        while self._waiting:
            self._arrived.clear()
            # While the database is away each waits for its own timeout.
            with suppress(Unavailable):
                lost, positions = self._pool.lost, await self._positions()
                if lost != self._lost:
                    self._lost, self._known = lost, {}
                for projection, position in positions.items():
                    if not self._is_behind_what_was_heard(projection, position):
                        self.passed(projection, position)
            await asyncio.sleep(_ASK_AT_MOST_EVERY)
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_EVERY - _ASK_AT_MOST_EVERY):
                    await self._arrived.wait()

    def _is_behind_what_was_heard(self, projection: str, position: int) -> bool:
        heard = self._known.get(projection, -1)
        return position < heard and time.monotonic() < self._heard_at[projection] + _HOLDS

    async def _positions(self) -> Mapping[str, int]:
        self.questions += 1
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT projection, position FROM checkpoints WHERE serves AND log_id = $1",
                self._log_id,
            )
        return {row["projection"]: row["position"] for row in rows}
