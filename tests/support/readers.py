"""Readers that follow a fan-out and keep what they saw."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from events.cloud import decode_cloud_event
from events.envelope import Recorded
from infra.source import EventSource
from projections.log import Source, following
from tests.support.fanout import Fanout, running
from tests.support.log import append_tasks
from tests.support.waiting import until

S = TypeVar("S", bound=Source)


@dataclass
class Reader(Generic[S]):
    """Follows a source and keeps what it saw."""

    source: S
    after: int = 0
    seen: list[Recorded] = field(default_factory=list)

    @property
    def positions(self) -> list[int]:
        return [recorded.position for recorded in self.seen]

    async def run(self) -> None:
        async with following(self.source, self.after) as batches:
            async for batch in batches:
                self.seen += batch

    @asynccontextmanager
    async def following(self) -> AsyncIterator["Reader[S]"]:
        task = asyncio.create_task(self.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])


def source_of(fanout: Fanout) -> EventSource[Recorded]:
    return EventSource(fanout.nats, fanout.log.reader, decode_cloud_event, prefix=fanout.prefix)


@asynccontextmanager
async def live(fanout: Fanout) -> AsyncIterator[Reader[EventSource[Recorded]]]:
    """A reader that the feed serves, five events in."""
    async with running(fanout.relay), Reader(source_of(fanout)).following() as reader:
        while not reader.source.from_feed or len(reader.seen) < 5:
            await append_tasks(fanout.log, 1)
            await until(lambda: len(reader.seen) == fanout.log.appender.appended)
        yield reader


async def demand_all(fanout: Fanout, *readers: Reader[S]) -> None:
    head = await fanout.log.reader.head()
    for reader in readers:
        await until(lambda reader=reader: reader.positions[-1:] == [head])  # type: ignore[misc]
        assert reader.positions == list(range(reader.after + 1, head + 1))
