"""Does a reader see every event once and in order while NATS dies, freezes and forgets?"""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from events.envelope import Recorded
from infra.embedded.nats import EmbeddedNats
from infra.source import EventSource
from tests.support.fanout import Fanout, crash, lose_store, open_fanout
from tests.support.log import append_tasks
from tests.support.readers import Reader, demand_all, live, source_of
from tests.support.waiting import until

Fault = Callable[[Fanout], Awaitable[None]]


async def delete_stream(fanout: Fanout) -> None:
    await fanout.nats.jetstream.delete_stream(fanout.stream.name)


async def purge(fanout: Fanout) -> None:
    await fanout.nats.jetstream.purge_stream(fanout.stream.name)


async def reconnect(fanout: Fanout) -> None:
    await fanout.nats.client.force_reconnect()


async def close_client(fanout: Fanout) -> None:
    """As nats-py does by itself when the server answers with some errors."""
    await fanout.nats.client.close()


async def outrun_the_log(fanout: Fanout) -> None:
    head = await fanout.log.reader.head()
    await fanout.published(head)
    await fanout.nats.jetstream.publish(f"{fanout.prefix}.events.account.x", b"never")


@pytest.mark.parametrize("fault", [delete_stream, purge, reconnect, close_client, outrun_the_log])
async def test_no_fault_costs_a_reader_an_event(database: str, nats_url: str, fault: Fault) -> None:
    async with open_fanout(database, nats_url) as fanout, live(fanout) as reader:
        for _ in range(2):
            writing = asyncio.create_task(append_tasks(fanout.log, 200))
            await fault(fanout)
            await writing
            await demand_all(fanout, reader)
            await fanout.nats.wait_connected()
            await fanout.published(await fanout.log.reader.head())
        await back_to_the_feed(fanout, reader)


async def back_to_the_feed(fanout: Fanout, reader: Reader[EventSource[Recorded]]) -> None:
    served = reader.source.from_feed
    async with asyncio.timeout(10):
        while reader.source.from_feed == served:
            await append_tasks(fanout.log, 1)
            await demand_all(fanout, reader)


async def lose_tail(server: EmbeddedNats, fanout: Fanout) -> None:
    earlier = server.folder / "earlier"
    await crash(server)
    if earlier.exists():
        shutil.rmtree(server.store)
        earlier.rename(server.store)
    else:
        shutil.copytree(server.store, earlier)
    await server.start()


async def kill(server: EmbeddedNats, fanout: Fanout) -> None:
    await crash(server)
    await append_tasks(fanout.log, 20)
    await server.start()


async def lose_everything(server: EmbeddedNats, fanout: Fanout) -> None:
    await lose_store(server)


async def freeze(server: EmbeddedNats, fanout: Fanout) -> None:
    """It neither answers nor hangs up."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        head = await append_tasks(fanout.log, 20)
        async with Reader(source_of(fanout)).following() as reader:
            await until(lambda: head in reader.positions)
    finally:
        os.kill(server.pid, signal.SIGCONT)


ServerFault = Callable[[EmbeddedNats, Fanout], Awaitable[None]]


@pytest.mark.parametrize("fault", [kill, lose_everything, lose_tail, freeze])
async def test_no_death_of_nats_costs_a_reader_an_event(
    database: str, data_folder: Path, fault: ServerFault
) -> None:
    async with (
        EmbeddedNats(data_folder) as server,
        open_fanout(database, server.url) as fanout,
        live(fanout) as reader,
        Reader(source_of(fanout)).following() as another,
    ):
        for _ in range(2):
            writing = asyncio.create_task(append_tasks(fanout.log, 300))
            await fault(server, fanout)
            await writing
            await demand_all(fanout, reader, another)
            await until(lambda: fanout.relay.lag == 0)
        await back_to_the_feed(fanout, reader)
