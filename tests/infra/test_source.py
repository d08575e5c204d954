"""Does a reader see every event once and in order, whatever happens to NATS?"""

import asyncio
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import msgspec
import pytest

from events.cloud import decode_cloud_event, encode_cloud_event
from events.envelope import Metadata, Recorded, Unreadable
from events.ids import new_id
from events.tasks import TaskCreated, TaskStarted
from infra.embedded.nats import EmbeddedNats
from infra.feed import Feed, feed_subject, has_readers
from infra.source import BeyondHead, continuing
from tests.support.fanout import Fanout, open_fanout, running
from tests.support.log import append_facts, append_tasks
from tests.support.readers import Reader, demand_all, live, source_of
from tests.support.waiting import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def feed_of(fanout: Fanout) -> str:
    return feed_subject(fanout.prefix, fanout.log.log_id)


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


async def test_an_idle_reader_keeps_listening(database: str, nats_url: str) -> None:
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
            assert reader.source.from_feed == 0


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
        async with Reader(source_of(fanout)).following() as reader:
            for window in (b"no JSON", b'{"specversion": "1.0"}', b"\xff", b"\n"):
                await append_tasks(fanout.log, 1)
                await fanout.nats.client.publish(feed_of(fanout), window)
                await demand_all(fanout, reader)
            assert reader.source.from_feed == 0


async def test_a_question_for_readers_disturbs_none(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        assert not await has_readers(fanout.nats, feed_of(fanout))
        async with live(fanout) as reader:
            repairs = reader.source.repairs
            assert await has_readers(fanout.nats, feed_of(fanout))
            await append_tasks(fanout.log, 1)
            await demand_all(fanout, reader)
            assert reader.source.repairs == repairs


async def test_who_is_told_the_same_again_and_again_notices_that_the_log_went_on(
    database: str, nats_url: str
) -> None:
    """As by a relay that gets no further because the stream takes nothing."""
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        async with Reader(source_of(fanout)).following() as reader:
            await append_tasks(fanout.log, 1)
            await demand_all(fanout, reader)
            window = encode_cloud_event(reader.seen[0], fanout.log.log_id)

            async def repeat() -> None:
                while True:
                    await fanout.nats.client.publish(feed_of(fanout), window)
                    await fanout.log.reader.head()

            repeating = asyncio.create_task(repeat())
            await append_tasks(fanout.log, 1)
            await demand_all(fanout, reader)
            repeating.cancel()


async def test_a_lost_window_is_read_from_the_log(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, live(fanout) as reader:
        feed, repairs = Feed(), reader.source.repairs
        async with fanout.nats.receiving(feed_of(fanout), feed.receive):
            await append_tasks(fanout.log, 1)
            await demand_all(fanout, reader)
            [event] = [decode_cloud_event(payload) for payload in await feed.next(inf)]
        later = msgspec.structs.replace(event, position=event.position + 2)
        await append_without_telling(fanout)
        await fanout.nats.client.publish(feed_of(fanout), encode_cloud_event(later, new_id()))
        await until(lambda: reader.source.repairs > repairs)
        await demand_all(fanout, reader)


async def append_without_telling(fanout: Fanout) -> None:
    """The relay looks for itself after a second."""
    on_commit, fanout.log.on_commit = fanout.log.on_commit, lambda head: None
    await append_tasks(fanout.log, 1)
    fanout.log.on_commit = on_commit


async def test_what_nobody_reads_is_forgotten_but_not_the_newest() -> None:
    feed = Feed(room=100)
    for number in range(10):
        feed.receive("", b"%d" % number * 30)
    kept = [await feed.next(0.0) for _ in range(4)]
    assert kept == [[b"7" * 30], [b"8" * 30], [b"9" * 30], []]
    feed.receive("", b"10")
    feed.clear()
    feed.receive("", b"11")
    assert [await feed.next(0.0) for _ in range(2)] == [[b"11"], []]


async def test_a_reader_beyond_the_log_is_told_so(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 2)
        with pytest.raises(BeyondHead):
            await Reader(source_of(fanout), after=3).run()


async def test_a_reader_is_told_that_the_log_lost_what_it_has_seen(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await append_tasks(fanout.log, 5)
        reader = Reader(source_of(fanout))
        following = asyncio.create_task(reader.run())
        await until(lambda: len(reader.seen) == 5)
        await fanout.log.execute("DELETE FROM events WHERE notification_id > 3")
        with pytest.raises(BeyondHead):
            await following


def told(position: int) -> Recorded:
    return Recorded(
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


@pytest.mark.parametrize(
    ("positions", "accepted"),
    [
        ([5, 6, 7], [5, 6, 7]),
        ([6], []),
        ([5, 7], [5]),
        ([5, 5, 6], [5, 6]),
        ([5, 7, 6], [5]),
        ([3, 4, 5], [5]),
        ([3, 4], []),
        ([], []),
    ],
    ids=["in order", "later", "gap", "twice", "swapped", "overlapping", "earlier", "none"],
)
def test_only_what_follows_without_a_gap_is_accepted(
    positions: list[int], accepted: list[int]
) -> None:
    batch = continuing([told(position) for position in positions], 4)
    assert [event.position for event in batch] == accepted


def test_what_was_published_as_unreadable_is_left_to_the_log() -> None:
    unreadable = msgspec.structs.replace(told(6), fact=Unreadable("task.started", "damaged"))
    assert [event.position for event in continuing([told(5), unreadable, told(7)], 4)] == [5]
