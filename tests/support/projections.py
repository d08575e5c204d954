"""Events, sources and projectors for tests of read models."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from events.base import Fact
from events.envelope import Erased, Metadata, Recorded, Unreadable
from events.ids import new_id
from events.topics import TOPIC_OF
from projections.copies import Checkpoint, open_served
from projections.log import Source
from projections.projector import Lead, Projector
from projections.rebuild import fill
from projections.table import Key, Projection, Row, Table
from projections.writer import Writer
from tests.support.log import Log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTOR = UUID("0190a000-0000-7000-8000-0000000000aa")
WORKSPACE = UUID("0190a000-0000-7000-8000-0000000000bb")


def story(
    *facts: Fact | Erased | Unreadable,
    stream: UUID | None = None,
    owner: UUID = WORKSPACE,
    first: int = 1,
) -> list[Recorded]:
    """These facts as one stream, an hour apart, from position `first`."""
    stream = stream or new_id()
    return [
        Recorded(
            stream=stream,
            version=n + 1,
            topic=_topic(fact),
            fact=fact,
            owner=owner,
            occurred_at=NOON + timedelta(hours=n),
            metadata=Metadata(command=stream, correlation=stream, actor=ACTOR),
            position=first + n,
            recorded_at=NOON + timedelta(hours=n),
        )
        for n, fact in enumerate(facts)
    ]


def fold_rows(projection: Projection, events: Iterable[Recorded]) -> dict[str, list[Any]]:
    """Table -> its rows after these events, without a database."""
    rows: list[dict[tuple[Any, ...], Row | None]] = [{} for _ in projection.tables]
    for recorded in events:
        if projection.takes(recorded):
            for n in projection.routes[recorded.topic]:
                table = projection.tables[n]
                for key in table.keys(recorded):
                    rows[n][key] = table.after(rows[n].get(key), recorded, key)
    return {
        table.name: [row for row in rows[n].values() if row is not None]
        for n, table in enumerate(projection.tables)
    }


class LogSource:
    """Follows a log by position, woken by its commits."""

    def __init__(self, log: Log, *, limit: int = 500) -> None:
        self._log = log
        self._limit = limit

    async def batches(self, after: int) -> AsyncGenerator[list[Recorded], None]:
        woken = asyncio.Event()
        before = self._log.on_commit

        def wake(head: int) -> None:
            before(head)
            woken.set()

        self._log.on_commit = wake
        while True:
            woken.clear()
            events = await self._log.reader.tolerant_after(after, limit=self._limit)
            if events:
                after = events[-1].position
                yield events
            else:
                await woken.wait()


async def lead_always(work: Callable[[], Awaitable[None]]) -> None:
    await work()


class Projected:
    """Where each projection is, as its projectors say."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._told: set[asyncio.Task[None]] = set()

    def __call__(self, projection: str, position: int) -> None:
        self._positions[projection] = position
        told = asyncio.create_task(self._tell())
        self._told.add(told)
        told.add_done_callback(self._told.discard)

    async def reach(self, projection: str, position: int, within: float = 10.0) -> None:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: self._positions.get(projection, 0) >= position)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def projecting(
    log: Log,
    projection: Projection,
    projected: Projected,
    *,
    lead: Lead = lead_always,
    building: asyncio.Lock | None = None,
    source: Source | None = None,
) -> AsyncIterator[Projector]:
    projector = Projector(
        projection,
        pool=log.pool,
        log=log.reader,
        source=source or LogSource(log),
        lead=lead,
        building=building or asyncio.Lock(),
        on_commit=projected,
    )
    running = asyncio.create_task(projector.run())
    try:
        yield projector
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def rows_of(log: Log, query: str, *arguments: object) -> list[asyncpg.Record]:
    async with log.pool.connection() as connection:
        return await connection.fetch(query, *arguments)


def _topic(fact: Fact | Erased | Unreadable) -> str:
    return fact.topic if isinstance(fact, Erased | Unreadable) else TOPIC_OF[type(fact)]


async def serving_copy(log: Log, projection: Projection) -> Checkpoint:
    """The copy that serves, made if there is none yet."""
    return await open_served(log.pool, projection, log.log_id)


async def project_all(log: Log, projection: Projection) -> Writer:
    """Bring the copy that serves to the head of the log, once."""
    writer = await Writer.open(log.pool, projection, await serving_copy(log, projection))
    await fill(writer, log.reader, await log.reader.head())
    return writer


def refusing(projection: Projection, title: str, *, mended: Callable[[], bool]) -> Projection:
    """The projection with a fold that fails at tasks of this title until it is mended."""

    def guarded(table: Table[Any]) -> Table[Any]:
        def evolve(row: Any, recorded: Recorded, key: Key) -> Any:
            if getattr(recorded.fact, "title", None) == title and not mended():
                raise RuntimeError(f"cannot fold {title}")
            return table.after(row, recorded, key)

        return replace(table, evolve=evolve, keyed=True)

    return replace(projection, tables=tuple(map(guarded, projection.tables)))
