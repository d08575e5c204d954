"""Building a projection's tables anew while the old ones serve, and switching over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
from msgspec.structs import replace

from events.envelope import Recorded
from events.refusals import Conflict
from projections.copies import Checkpoint, create, drop_idle, index, serve, serving
from projections.database import Pool
from projections.fold import Poison
from projections.log import Log
from projections.table import Projection
from projections.writer import Writer

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
PAGE = 1_000
_LOCK = 7236482


def quiet(position: int, head: int) -> None:
    """Progress that nobody watches."""


async def rebuild(
    pool: Pool, projection: Projection, log: Log, *, on_progress: Progress = quiet
) -> Checkpoint:
    """A new copy from position 0, in place of the one that serves now.

    Raises `Conflict` when another rebuild or verification of this projection is running.
    """
    async with fresh_copy(pool, projection, log) as writer:
        await fill(writer, log, await log.head(), on_progress=on_progress)
        async with pool.connection() as connection:
            await index(connection, projection, writer.checkpoint)
        await _switch(pool, projection, log, writer)
        return replace(writer.checkpoint, serves=True)


@asynccontextmanager
async def fresh_copy(pool: Pool, projection: Projection, log: Log) -> AsyncIterator[Writer]:
    """An empty copy without indexes. Afterwards every copy that does not serve is dropped."""
    async with _alone(pool, projection):
        await _sweep(pool, projection)
        async with pool.connection() as connection, connection.transaction():
            checkpoint = await create(connection, projection, log.log_id, indexes=False)
        try:
            yield await Writer.open(pool, projection, checkpoint)
        finally:
            await _sweep(pool, projection)


async def fill(writer: Writer, log: Log, goal: int, *, on_progress: Progress = quiet) -> None:
    """Bring it to position `goal` exactly, reading the next page while one is written."""

    def page_after(position: int) -> asyncio.Task[list[Recorded]]:
        return asyncio.create_task(log.tolerant_after(position, limit=PAGE, up_to=goal))

    page = page_after(writer.position)
    try:
        while events := await page:
            page = page_after(events[-1].position)
            await writer.apply(events)
            on_progress(writer.position, goal)
        if not writer.is_noted:
            await writer.note()
    finally:
        page.cancel()
        await asyncio.wait([page])
        if not page.cancelled():
            page.exception()


async def _switch(pool: Pool, projection: Projection, log: Log, writer: Writer) -> None:
    """Never back in time: what serves is held still, and we apply what it has and we have not."""
    while True:
        await fill(writer, log, await log.head())
        try:
            async with pool.connection() as connection, connection.transaction():
                old = await serving(connection, projection.name, lock=True)
                ahead = old.position if old and old.log_id == log.log_id else 0
                events = await log.tolerant_after(writer.position, limit=PAGE, up_to=ahead)
                plan = await writer.write(connection, events) if events else None
                if ahead <= writer.position + len(events):
                    await serve(connection, projection, writer.checkpoint)
        except (Poison, asyncpg.LockNotAvailableError) as error:
            _log.info("%s: switching again: %s", projection.name, type(error).__name__)
            await asyncio.sleep(0.2)
            continue
        if plan:
            writer.settled(plan, events[-1].position)
        if ahead <= writer.position:
            return


@asynccontextmanager
async def _alone(pool: Pool, projection: Projection) -> AsyncIterator[None]:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if not await connection.fetchval(
            "SELECT pg_try_advisory_xact_lock($1, hashtext($2))", _LOCK, projection.name
        ):
            raise Conflict(f"the projection {projection.name} is being rebuilt or verified already")
        yield


async def _sweep(pool: Pool, projection: Projection) -> None:
    """Now, or at the next rebuild if a long query still reads an old copy."""
    try:
        async with pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await drop_idle(connection, projection)
    except asyncpg.LockNotAvailableError:
        _log.info("%s: an old copy is still being read, and dropped later", projection.name)
