"""Does a reader see every event once and in order, whatever happens to NATS?"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from events.cloud import Event, decode_cloud_event, encode_cloud_event, receive_cloud_event
from events.envelope import Metadata, Recorded, Unreadable
from events.ids import new_id
from events.tasks import TaskCreated, TaskStarted
from infra.consumer import BeyondHead, in_order
from infra.embedded.nats import EmbeddedNats
from infra.nats import FAILED
from infra.pull import Pull
from tests.support.fanout import open_fanout, running
from tests.support.log import append_facts, append_tasks
from tests.support.readers import Reader, demand_all, live, source_of
from tests.support.waiting import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_reader_gets_the_past_and_then_what_happens(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 700)
        async with live(fanout) as reader:
            assert reader.source.from_log >= 700
            await demand_all(fanout, reader)
            assert reader.seen == [
                *(await fanout.log.reader.after(0)),
                *(await fanout.log.reader.after(500)),
            ]


async def test_a_reader_begins_where_it_is_told(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        await append_tasks(fanout.log, 40)
        async with Reader(source_of(fanout), after=25).following() as reader:
            await until(lambda: len(reader.seen) == 15)
            await append_tasks(fanout.log, 10)
            await demand_all(fanout, reader)


async def test_what_is_stored_arrives_at_once_in_small_batches(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout, live(fanout) as reader:
        repairs = reader.source.repairs
        for _ in range(20):  # each would wait for a full batch or a second's expiry
            async with asyncio.timeout(0.8):
                head = await append_tasks(fanout.log, 1)
                await until(lambda head=head: reader.positions[-1] == head)  # type: ignore[misc]
        assert reader.source.repairs == repairs


async def test_several_readers_see_the_same(database: str, nats_url: str) -> None:
    async with (
        open_fanout(database, nats_url) as fanout,
        live(fanout) as first,
        AsyncExitStack() as stack,
    ):
        readers = [
            await stack.enter_async_context(Reader(source_of(fanout)).following()) for _ in range(5)
        ]
        for _ in range(20):
            await append_tasks(fanout.log, 30)
        await demand_all(fanout, first, *readers)


async def test_an_idle_reader_keeps_its_consumer(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, live(fanout) as reader:
        repairs = reader.source.repairs
        with pytest.raises(TimeoutError):
            await until(lambda: reader.source.repairs > repairs, within=2.5)
        await append_tasks(fanout.log, 1)
        await demand_all(fanout, reader)


async def test_a_slow_reader_gets_no_more_than_it_asked_for(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        await append_tasks(fanout.log, 1)
        async with aclosing(source_of(fanout).batches(0)) as batches:
            seen = [event.position for event in await anext(batches)]
            owner = new_id()
            for _ in range(8):
                await append_facts(fanout.log, [TaskCreated(title="x")] * 500, owner=owner)
            await fanout.published(4_001)
            while len(seen) < 4_001:
                batch = await anext(batches)
                assert len(batch) <= 500
                seen += [event.position for event in batch]
        assert seen == list(range(1, 4_002))


async def test_without_nats_events_come_from_the_log(database: str, data_folder: Path) -> None:
    async with EmbeddedNats(data_folder) as server:
        await server.stop()
        async with (
            open_fanout(database, server.url) as fanout,
            Reader(source_of(fanout)).following() as reader,
        ):
            for _ in range(3):
                await append_tasks(fanout.log, 5)
                await demand_all(fanout, reader)
            assert reader.source.from_stream == 0


async def test_without_a_relay_events_come_from_the_log(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await fanout.stream.prepare(fanout.log.reader.head)
        async with Reader(source_of(fanout)).following() as reader:
            for _ in range(2):
                await append_tasks(fanout.log, 5)
                await demand_all(fanout, reader)


async def test_an_unreadable_event_arrives_with_its_reason(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, live(fanout) as reader:
        head = await fanout.log.reader.head()
        await fanout.log.execute(
            "CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.state := '\\x00'; RETURN NEW; END $$"
        )
        await fanout.log.execute(
            "CREATE TRIGGER damage BEFORE INSERT ON events FOR EACH ROW"
            f" WHEN (NEW.notification_id = {head + 2}) EXECUTE FUNCTION damage()"
        )
        await append_tasks(fanout.log, 3)
        await demand_all(fanout, reader)
        unreadable = [event for event in reader.seen if isinstance(event.fact, Unreadable)]
        assert [event.position for event in unreadable] == [head + 2]
        assert isinstance(fact := unreadable[0].fact, Unreadable)
        assert "unknown seal format" in fact.reason


async def test_what_is_no_event_is_read_from_the_log(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await fanout.stream.prepare(fanout.log.reader.head)
        subject = f"{fanout.prefix}.events.account.x"
        async with Reader(source_of(fanout)).following() as reader:
            for message in (b"no JSON", b'{"specversion": "1.0"}', b"\xff"):
                await append_tasks(fanout.log, 1)
                await fanout.nats.jetstream.publish(subject, message)
                await demand_all(fanout, reader)
            assert reader.source.from_stream == 0


async def test_a_reader_beyond_the_log_is_told_so(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 2)
        with pytest.raises(BeyondHead):
            await Reader(source_of(fanout), after=3).run()


async def test_a_pull_refuses_to_begin_later_than_asked(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await append_tasks(fanout.log, 20)
        await fanout.stream._make(15)
        with pytest.raises(FAILED, match="begins at 15"):
            await Pull.open(fanout.nats, fanout.stream.name, 14)
        await (await Pull.open(fanout.nats, fanout.stream.name, 15)).close()


def delivery(position: int, sequence: int | None = None) -> Msg:
    """The event at `position`, as JetStream would deliver it from `sequence`."""
    event = Recorded(
        stream=new_id(),
        version=1,
        topic="task.started",
        fact=TaskStarted(),
        owner=new_id(),
        occurred_at=NOW,
        metadata=Metadata(command=new_id(), correlation=new_id()),
        position=position,
        recorded_at=NOW,
    )
    reply = f"$JS.ACK.STREAM.consumer.1.{sequence or position}.{position}.0.0"
    return Msg(Client(), "subject", reply, encode_cloud_event(event, new_id()))


@pytest.mark.parametrize(
    ("deliveries", "accepted"),
    [
        ([delivery(5), delivery(6), delivery(7)], [5, 6, 7]),
        ([delivery(6)], []),
        ([delivery(5), delivery(7)], [5]),
        ([delivery(5), delivery(5), delivery(6)], [5]),
        ([delivery(5), delivery(7), delivery(6)], [5]),
        ([delivery(4), delivery(5)], []),
        ([delivery(5, sequence=6)], []),
        ([delivery(6, sequence=5)], []),
    ],
    ids=[
        "in order",
        "later",
        "gap",
        "twice",
        "swapped",
        "earlier",
        "other sequence",
        "other event",
    ],
)
@pytest.mark.parametrize("decode", [decode_cloud_event, receive_cloud_event])
def test_only_what_follows_without_a_gap_is_accepted(
    deliveries: list[Msg], accepted: list[int], decode: Callable[[bytes], Event]
) -> None:
    assert [event.position for event in in_order(deliveries, 4, decode)] == accepted
