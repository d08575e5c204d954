"""The loop that keeps one projection's read models up to date."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from events.envelope import Recorded
from events.refusals import Conflict, Refusal
from projections.copies import Checkpoint, open_served
from projections.database import Pool
from projections.fold import reason_of
from projections.log import Batches, Log, Source, following
from projections.rebuild import rebuild
from projections.table import Projection
from projections.writer import NOTED_WITHIN, Fenced, Gap, Writer

_log = logging.getLogger(__name__)

Lead = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
OnCommit = Callable[[str, int], None]

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
# Commits must not multiply with load: for each event of a batch the next one gathers so long.
_GATHER, _LONGEST_GATHERING = 0.002, 0.1
_FULL = 500  # then more is there already


class Superseded(Exception):
    """The tables that serve were built by a newer program."""


class Projector:
    """Follows the log for one projection, wherever its checkpoint stands, until cancelled.

    `lead` runs the work whenever this process leads. `on_commit` is told (projection, position).
    `building` is held while tables are built anew: that keeps connections all the time, and were
    all of a pool's taken by those who share it, nobody would get on. `problem` says why it does
    not get on, `position` how far it has got.
    """

    def __init__(
        self,
        projection: Projection,
        *,
        pool: Pool,
        log: Log,
        source: Source,
        lead: Lead,
        building: asyncio.Lock,
        on_commit: OnCommit = lambda projection, position: None,
    ) -> None:
        self.projection = projection
        self._pool = pool
        self._record = log
        self._source = source
        self._lead = lead
        self._building = building
        self._on_commit = on_commit
        self._pause = _SHORTEST_PAUSE
        self.position: int | None = None
        self.parked = 0
        self.problem: str | None = None

    async def run(self) -> None:
        name = self.projection.name
        while True:
            try:
                await self._lead(self._follow)
            except (Fenced, Conflict) as error:
                _log.info("%s: looking again: %s", name, error)
            except Exception as error:
                self.problem = _told(error)
                _log.error("%s: stopped, trying again: %s", name, self.problem)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _follow(self) -> None:
        checkpoint = await self._opened()
        writer = await Writer.open(self._pool, self.projection, checkpoint)
        self._passed(writer)
        async with following(self._source, writer.position) as batches:
            while events := await _next(batches, writer):
                started = time.monotonic()
                await writer.apply(events)
                self._passed(writer)
                await asyncio.sleep(started + gathering(len(events)) - time.monotonic())

    async def _opened(self) -> Checkpoint:
        """The copy that serves, built anew if it is of another log or of an older version."""
        log_id, version = self._record.log_id, self.projection.version
        found = await open_served(self._pool, self.projection, log_id)
        if found.version > version:
            raise Superseded(f"version {found.version} serves, this program knows {version}")
        if found.version == version and found.log_id == log_id:
            return found
        _log.warning("%s: building version %d for log %s", self.projection.name, version, log_id)
        async with self._building:
            return await rebuild(self._pool, self.projection, self._record)

    def _passed(self, writer: Writer) -> None:
        self.position, self.parked = writer.position, len(writer.parked)
        self.problem = None
        self._pause = _SHORTEST_PAUSE
        self._on_commit(self.projection.name, writer.position)


async def _next(batches: Batches, writer: Writer) -> list[Recorded]:
    """None when the source ends. While nothing comes, it is noted how far the writer got."""
    arriving = asyncio.ensure_future(_one(batches))
    try:
        if not writer.is_noted:
            await asyncio.wait({arriving}, timeout=NOTED_WITHIN)
            if not arriving.done():
                await writer.note()
        return await arriving
    finally:
        if not arriving.done():
            arriving.cancel()
            await asyncio.wait({arriving})


async def _one(batches: Batches) -> list[Recorded]:
    return await anext(batches, [])


def gathering(events: int) -> float:
    """For how many seconds after a batch began the next one may grow."""
    return 0.0 if events >= _FULL else min(_LONGEST_GATHERING, events * _GATHER)


def _told(error: Exception) -> str:
    """Only messages of our own are known to quote nobody."""
    ours = isinstance(error, Refusal | Gap | Superseded)
    return f"{type(error).__name__}: {error}" if ours else reason_of(error)
