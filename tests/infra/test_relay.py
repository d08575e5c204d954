"""Is the stream's sequence the log's position, whatever happens?"""

import asyncio
import shutil
from pathlib import Path

import msgspec
import psutil
import pytest

from events.cloud import decode_cloud_event
from events.codec import encode_fact
from events.envelope import Erased, Unreadable
from events.ids import new_id
from events.sealing import seal
from events.tasks import TaskCompleted, TaskCreated
from infra.embedded.nats import EmbeddedNats
from infra.jetstream import REPLAY, EventStream
from infra.nats import Nats
from infra.relay import Relay
from tests.support.fanout import Fanout, crash, lose_store, open_fanout, running
from tests.support.log import append_facts, append_tasks
from tests.support.waiting import until


async def demand_everything(fanout: Fanout, first: int, last: int) -> None:
    """The stream holds exactly these positions, each at its own sequence."""
    stored = await fanout.stored(first)
    expected = list(range(first, last + 1))
    assert [sequence for sequence, _ in stored] == expected
    assert [event.position for _, event in stored] == expected
    assert [event.id for _, event in stored] == [str(position) for position in expected]


async def append_much(fanout: Fanout, count: int) -> int:
    owner, last = new_id(), 0
    for start in range(0, count, 500):
        facts = [TaskCreated(title="much")] * min(500, count - start)
        last = (await append_facts(fanout.log, facts, owner=owner)).last_position
    return last


async def test_every_event_is_stored_at_its_position(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        await append_much(fanout, 1_200)
        last = await append_tasks(fanout.log, 50)
        await fanout.published(last)
        await demand_everything(fanout, 1, last)
        assert (fanout.relay.head, fanout.relay.lag) == (last, 0)
        assert fanout.relay.published >= last


async def test_what_is_published_reads_like_the_log(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        task, workspace = new_id(), new_id()
        facts = [TaskCreated(title="write it down"), TaskCompleted()]
        await append_facts(fanout.log, facts, stream=task, owner=workspace)
        await fanout.published(2)
        message = await fanout.nats.jetstream.get_msg(fanout.stream.name, 1)
        assert message.subject == f"{fanout.prefix}.events.{workspace}.task.created"
        assert decode_cloud_event(message.data or b"") == (await fanout.log.reader.after(0))[0]


async def test_a_hint_wakes_the_relay(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        patient = Relay(
            fanout.nats, fanout.log.reader, fanout.stream, prefix=fanout.prefix, poll=3600
        )
        async with running(patient):
            await append_tasks(fanout.log, 1)
            await until(lambda: patient.position == 1)
            await append_tasks(fanout.log, 1)
            await until(lambda: patient.position == 2)


async def test_a_lost_hint_costs_no_event(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        await append_tasks(fanout.log, 1)
        await fanout.published(1)
        fanout.log.on_commit = lambda head: None
        await append_tasks(fanout.log, 1)
        await fanout.published(2)


async def test_two_relays_at_once_cannot_interleave(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, Nats(nats_url) as nats:
        stream = EventStream(
            nats, fanout.log.log_id, prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
        )
        rival = Relay(nats, fanout.log.reader, stream, prefix=fanout.prefix)
        async with running(fanout.relay, rival):
            for _ in range(10):
                await append_tasks(fanout.log, 40)
            await fanout.published(400)
            await demand_everything(fanout, 1, 400)
        assert fanout.relay.published + rival.published >= 400


async def test_an_unreadable_event_keeps_its_position_and_stops_nobody(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 3)
        await fanout.log.execute("UPDATE events SET state = '\\x00' WHERE notification_id = 2")
        async with running(fanout.relay):
            await fanout.published(3)
            events = [event for _, event in await fanout.stored()]
        assert [event.unreadable for event in events] == [False, True, False]
        assert events[1].data is msgspec.UNSET
        fact = decode_cloud_event(msgspec.json.encode(events[1])).fact
        assert isinstance(fact, Unreadable)


async def test_an_event_with_a_damaged_key_topic_and_metadata_is_published_too(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 1)
        await append_tasks(fanout.log, 1)
        await append_tasks(fanout.log, 1)
        await fanout.log.execute(
            "UPDATE secrets SET value = '\\x00' WHERE owner ="
            " (SELECT owner_id FROM events WHERE notification_id = 1)"
        )
        await fanout.log.execute(
            "UPDATE events SET topic = 'no > topic', metadata = '{' WHERE notification_id = 2"
        )
        for owner in [row.owner for row in await fanout.log.store.after(0)]:
            fanout.log.keys.forget(owner)
        async with running(fanout.relay):
            await fanout.published(3)
            events = [event for _, event in await fanout.stored()]
        assert [event.unreadable for event in events] == [True, True, False]


async def test_an_erased_event_is_published_without_data(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        owner = new_id()
        await append_tasks(fanout.log, 1, owner=owner)
        await fanout.log.execute("DELETE FROM secrets")
        fanout.log.keys.forget(owner)
        async with running(fanout.relay):
            await fanout.published(1)
            [(_, event)] = await fanout.stored()
        assert decode_cloud_event(msgspec.json.encode(event)).fact == Erased("task.created")


async def test_an_event_too_large_for_nats_is_published_without_data(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        task, owner = new_id(), new_id()
        facts = [TaskCreated(title="x"), TaskCompleted()]
        await append_facts(fanout.log, facts, stream=task, owner=owner)
        key = fanout.log.keys.key_of(owner)
        assert key
        large = encode_fact(TaskCreated(title="x" * (3 << 20)))
        sealed = seal(key, large, b"%s%d %s" % (task.bytes, 1, b"task.created"))
        await fanout.log.execute("UPDATE events SET state = $1 WHERE notification_id = 1", sealed)
        assert isinstance((await fanout.log.reader.after(0))[0].fact, TaskCreated)
        async with running(fanout.relay):
            await fanout.published(2)
            events = [event for _, event in await fanout.stored()]
        assert [event.unreadable for event in events] == [True, False]


async def test_large_events_go_out_in_smaller_windows(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        facts = [TaskCreated(title="x", description="x" * (250 << 10))] * 60
        last = (await append_facts(fanout.log, facts)).last_position
        await fanout.published(last)
        await demand_everything(fanout, 1, last)
        assert fanout.relay.failures == 0


async def test_a_killed_nats_loses_no_position(database: str, data_folder: Path) -> None:
    async with (
        EmbeddedNats(data_folder) as server,
        open_fanout(database, server.url) as fanout,
        running(fanout.relay),
    ):
        writing = asyncio.create_task(append_much(fanout, 8_000))
        for share in (1_000, 3_000):
            await fanout.published(share)
            await crash(server)
            await server.start()
        last = await writing
        await fanout.published(last)
        await demand_everything(fanout, 1, last)


async def test_a_nats_that_comes_late_gets_everything(database: str, data_folder: Path) -> None:
    async with EmbeddedNats(data_folder) as server:
        await server.stop()
        async with open_fanout(database, server.url) as fanout, running(fanout.relay):
            last = await append_tasks(fanout.log, 20)
            await until(lambda: fanout.relay.lag == last)
            await server.start()
            await fanout.published(last)
            await demand_everything(fanout, 1, last)


async def test_a_lost_store_is_made_again_with_the_last_ten_thousand(
    database: str, data_folder: Path
) -> None:
    async with EmbeddedNats(data_folder) as server, open_fanout(database, server.url) as fanout:
        async with running(fanout.relay):
            last = await append_much(fanout, REPLAY + 700)
            await fanout.published(last)
            await lose_store(server)
            last = await append_tasks(fanout.log, 5)
            await until(lambda: fanout.relay.position == last)
        first, stored = await fanout.first_and_last()
        assert stored == last
        assert 701 <= first <= 706
        await demand_everything(fanout, first, last)


async def test_a_store_lost_while_nothing_happens_is_made_again(
    database: str, data_folder: Path
) -> None:
    async with EmbeddedNats(data_folder) as server, open_fanout(database, server.url) as fanout:
        async with running(fanout.relay):
            last = await append_tasks(fanout.log, 30)
            await fanout.published(last)
            await lose_store(server)
            await until(lambda: fanout.relay.published >= 2 * last)
        await demand_everything(fanout, 1, last)


async def test_a_deleted_stream_is_made_again(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        last = await append_tasks(fanout.log, 30)
        await fanout.published(last)
        await fanout.nats.jetstream.delete_stream(fanout.stream.name)
        await until(lambda: fanout.relay.published >= 2 * last)
        await demand_everything(fanout, 1, last)


async def test_a_lost_tail_is_published_again(database: str, data_folder: Path) -> None:
    async with (
        EmbeddedNats(data_folder) as server,
        open_fanout(database, server.url) as fanout,
        running(fanout.relay),
    ):
        await fanout.published(await append_tasks(fanout.log, 100))
        await server.stop()
        shutil.copytree(server.store, data_folder / "earlier")
        await server.start()
        await fanout.published(await append_tasks(fanout.log, 100))
        await crash(server)
        shutil.rmtree(server.store)
        (data_folder / "earlier").rename(server.store)
        await server.start()
        last = await append_tasks(fanout.log, 1)
        await until(lambda: fanout.relay.published >= 300)
        await demand_everything(fanout, 1, last)


async def test_a_stream_ahead_of_the_log_is_made_again(
    database: str, nats_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await append_tasks(fanout.log, 3)
        await fanout.stream.prepare(fanout.log.reader.head)
        for _ in range(5):
            await fanout.nats.jetstream.publish(f"{fanout.prefix}.events.account.x", b"never")
        async with running(fanout.relay):
            await until(lambda: fanout.relay.position == 3)
            last = await append_tasks(fanout.log, 3)
            await fanout.published(last)
            assert await fanout.first_and_last() == (4, 6)
            await demand_everything(fanout, 4, 6)
        assert "never happened" in caplog.text


async def test_a_stream_that_stores_nothing_more_is_made_again(
    database: str, data_folder: Path
) -> None:
    """As after a full disk: NATS stays connected, and no publish is answered even with room."""
    async with (
        EmbeddedNats(data_folder) as server,
        open_fanout(database, server.url) as fanout,
        running(fanout.relay),
    ):
        await append_tasks(fanout.log, 5)
        await fanout.published(5)
        process = psutil.Process(server.pid)
        before = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (2_000, before[1]))
        last = await append_tasks(fanout.log, 20)
        await until(lambda: fanout.relay.failures > 1)
        process.rlimit(psutil.RLIMIT_FSIZE, before)
        await fanout.published(last)
        await demand_everything(fanout, 1, last)
