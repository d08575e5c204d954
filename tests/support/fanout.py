"""A log with a relay beside it, and what they left in JetStream."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import msgspec
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from events.cloud import CloudEvent
from infra.embedded.nats import EmbeddedNats
from infra.jetstream import EventStream
from infra.nats import Nats, NatsAway
from infra.relay import Relay
from tests.support.log import Log, open_log
from tests.support.waiting import until


@dataclass
class Fanout:
    log: Log
    nats: Nats
    prefix: str
    stream: EventStream
    relay: Relay

    async def published(self, position: int, within: float = 20.0) -> None:
        await until(lambda: self.relay.position >= position, within)

    async def stored(self, start: int = 1) -> list[tuple[int, CloudEvent]]:
        """Each message from sequence `start` on: its sequence and what is in it."""
        _, last = await self.first_and_last()
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=start,
            ack_policy=AckPolicy.NONE,
        )
        subscription = await self.nats.jetstream.pull_subscribe(
            "", stream=self.stream.name, config=config
        )
        found: list[tuple[int, CloudEvent]] = []
        try:
            while start <= last:
                messages = await subscription.fetch(min(500, last + 1 - start), 5.0)
                found += [(m.metadata.sequence.stream, _cloud_event(m.data)) for m in messages]
                start = found[-1][0] + 1
        finally:
            await subscription.unsubscribe()
        return found

    async def first_and_last(self) -> tuple[int, int]:
        state = (await self.nats.jetstream.stream_info(self.stream.name)).state
        return state.first_seq, state.last_seq


def _cloud_event(payload: bytes) -> CloudEvent:
    return msgspec.json.decode(payload, type=CloudEvent)


@asynccontextmanager
async def open_fanout(
    database: str, nats_url: str, *, prefix: str | None = None
) -> AsyncIterator[Fanout]:
    """Nothing runs yet: `running(fanout.relay)` does it. The prefix is the test's own."""
    prefix = prefix or f"test{uuid4().hex}"
    async with open_log(database) as log, Nats(nats_url) as nats:
        log.on_commit = lambda head: nats.hint(f"{prefix}.hints.appended", head)
        stream = EventStream(nats, log.log_id, prefix=prefix, max_age=3600, max_bytes=1 << 28)
        yield Fanout(log, nats, prefix, stream, Relay(nats, log.reader, stream, prefix=prefix))
        with suppress(NatsAway, NotFoundError):
            await nats.jetstream.delete_stream(stream.name)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for relay in relays:
            task = asyncio.create_task(relay.run())
            stack.push_async_callback(asyncio.wait, [task])
            stack.callback(task.cancel)
        yield


async def crash(server: EmbeddedNats) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


async def lose_store(server: EmbeddedNats) -> None:
    await crash(server)
    shutil.rmtree(server.store)
    await server.start()
