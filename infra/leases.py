"""Who leads: one process at a time for each name, another within two seconds of its death."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from events.ids import new_id
from events.refusals import Unavailable
from infra.postgres import Pool

logger = logging.getLogger(__name__)

LASTS = 1.5
_RENEW_EVERY = 0.4
_ASK_EVERY = 0.25


class Lease:
    """A claim to lead, by the database's clock. Losing it is noticed by our own clock first, but
    never rely on it alone: whatever a leader writes must be fenced (a checkpoint that must be the
    old one, the stream's expected sequence)."""

    def __init__(self, pool: Pool, name: str, *, lasts: float = LASTS) -> None:
        self._pool = pool
        self._lasts = lasts
        self._holder = new_id()
        self._until = 0.0
        self.name = name
        self.epoch = 0

    @property
    def held(self) -> bool:
        return time.monotonic() < self._until

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` whenever we lead and cancel it when we do not, until we are cancelled or
        `work` returns or raises by itself."""
        while True:
            await self.acquire()
            working = asyncio.ensure_future(work())
            try:
                while not working.done() and await self._still_held():
                    await asyncio.wait([working], timeout=_RENEW_EVERY)
                if working.done():
                    return await working
                logger.warning("lost the lease %r (epoch %d)", self.name, self.epoch)
            finally:
                await _stop(working)
                await self.release()

    async def acquire(self) -> int:
        """Wait until we lead; the epoch, which no earlier leader had."""
        while True:
            if await self._taken():
                logger.info("leading %r in epoch %d", self.name, self.epoch)
                return self.epoch
            await asyncio.sleep(_ASK_EVERY)

    async def renew(self) -> bool:
        """Whether the lease is ours for another while. Raises `Unavailable`."""
        asked = time.monotonic()
        async with asyncio.timeout(self._lasts), self._pool.connection() as connection:
            ours = await connection.fetchval(
                "SELECT renew_lease($1, $2, $3)", self.name, self._holder, self.epoch
            )
        self._until = asked + self._lasts if ours else 0.0
        return bool(ours)

    async def release(self) -> None:
        """Let another lead at once, if the database can be told."""
        if not self.held:
            return
        self._until = 0.0
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(1), self._pool.connection() as connection:
                await connection.execute(
                    "UPDATE leases SET renewed_at = '-infinity'"
                    " WHERE name = $1 AND holder = $2 AND epoch = $3",
                    self.name,
                    self._holder,
                    self.epoch,
                )

    async def _taken(self) -> bool:
        asked = time.monotonic()
        try:
            async with self._pool.connection() as connection:
                epoch = await connection.fetchval(
                    "SELECT take_lease($1, $2, $3)", self.name, self._holder, self._lasts
                )
        except Unavailable:
            return False
        if epoch is None:
            return False
        self.epoch, self._until = epoch, asked + self._lasts
        return self.held

    async def _still_held(self) -> bool:
        """A database that is away for a moment does not end a lease; time does."""
        try:
            return await self.renew()
        except (Unavailable, TimeoutError):
            return self.held


async def _stop(working: asyncio.Future[None]) -> None:
    """Again and again: what waits for NATS may swallow a cancellation."""
    while not working.done():
        working.cancel()
        await asyncio.wait([working], timeout=0.2)
    if not working.cancelled():
        working.exception()
