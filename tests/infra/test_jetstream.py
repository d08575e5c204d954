"""Does the stream fit its log: limits, subjects, and whose it is?"""

import logging

import pytest
from nats.js.errors import NotFoundError

from events.cloud import source_of
from events.ids import new_id
from events.tasks import TaskCompleted, TaskCreated
from infra.jetstream import EventStream
from infra.relay import Relay
from tests.support.fanout import open_fanout, running
from tests.support.log import append_facts, append_tasks
from tests.support.readers import demand_all, live
from tests.support.servers import fresh_database
from tests.support.waiting import until


async def test_new_limits_count_for_a_stream_that_exists(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await fanout.stream.prepare(fanout.log.reader.head)
        wider = EventStream(
            fanout.nats, fanout.log.log_id, prefix=fanout.prefix, max_age=7200, max_bytes=1 << 29
        )
        assert await wider.prepare(fanout.log.reader.head) == 0
        config = (await fanout.nats.jetstream.stream_info(wider.name)).config
        assert (config.max_age, config.max_bytes, config.deny_delete) == (7200, 1 << 29, True)


async def test_a_restored_log_takes_its_subjects_from_the_old_ones_stream(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        old = EventStream(
            fanout.nats, new_id(), prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
        )
        await old.prepare(fanout.log.reader.head)
        async with running(fanout.relay):
            await fanout.published(await append_tasks(fanout.log, 3))
        with pytest.raises(NotFoundError):
            await fanout.nats.jetstream.stream_info(old.name)


async def test_two_logs_that_live_on_one_prefix_are_told_so(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        other = EventStream(
            fanout.nats, new_id(), prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
        )
        await other.prepare(fanout.log.reader.head)
        reader = await fanout.nats.jetstream.pull_subscribe("", durable="r", stream=other.name)
        with pytest.raises(Exception, match="another subject prefix"):
            await fanout.stream.prepare(fanout.log.reader.head)
        await reader.unsubscribe()
        await fanout.nats.jetstream.delete_stream(other.name)
        await fanout.stream.prepare(fanout.log.reader.head)


async def test_why_a_stream_cannot_be_made_is_said_once(
    database: str, nats_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        other = EventStream(
            fanout.nats, new_id(), prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
        )
        await other.prepare(fanout.log.reader.head)
        await fanout.nats.jetstream.pull_subscribe("", durable="r", stream=other.name)
        caplog.clear()
        async with running(fanout.relay):
            await until(lambda: fanout.relay.failures > 2)
        await fanout.nats.jetstream.delete_stream(other.name)
    [said] = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert "another subject prefix" in said


async def test_a_stream_is_not_retired_while_readers_of_its_log_follow(
    database: str, postgres_url: str, nats_url: str
) -> None:
    async with (
        fresh_database(postgres_url) as other,
        open_fanout(database, nats_url) as old,
        open_fanout(other, nats_url, prefix=old.prefix) as new,
    ):
        async with live(old) as reader:
            await new.nats.wait_connected()
            with pytest.raises(Exception, match="another subject prefix"):
                await new.stream.prepare(new.log.reader.head)
            await append_tasks(old.log, 1)
            await demand_all(old, reader)
        await new.stream.prepare(new.log.reader.head)
        with pytest.raises(NotFoundError):
            await new.nats.jetstream.stream_info(old.stream.name)


@pytest.mark.parametrize("followed", [False, True])
async def test_a_stream_of_a_longer_prefix_is_neither_retired_nor_in_the_way(
    database: str, postgres_url: str, nats_url: str, followed: bool
) -> None:
    async with (
        fresh_database(postgres_url) as other,
        open_fanout(database, nats_url) as fanout,
        open_fanout(other, nats_url, prefix=f"{fanout.prefix}-second") as second,
    ):
        await second.nats.wait_connected()
        await second.stream.prepare(second.log.reader.head)
        if followed:
            await second.nats.jetstream.pull_subscribe("", durable="r", stream=second.stream.name)
        old = EventStream(
            second.nats, new_id(), prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
        )
        await old.prepare(fanout.log.reader.head)
        await fanout.nats.wait_connected()
        await fanout.stream.prepare(fanout.log.reader.head)
        assert await second.first_and_last() == (1, 0)


async def test_a_relay_of_another_log_puts_nothing_into_the_stream_that_took_its_subjects(
    database: str, postgres_url: str, nats_url: str
) -> None:
    """Nor where it stands at the very position at which that stream goes on."""
    async with (
        fresh_database(postgres_url) as other,
        open_fanout(database, nats_url) as old,
        open_fanout(other, nats_url, prefix=old.prefix) as new,
    ):
        # It looks for its stream only once, before that is gone.
        relay = Relay(old.nats, old.log.reader, old.stream, prefix=old.prefix, poll=3600)
        async with running(relay):
            await append_tasks(old.log, 3)
            await until(lambda: relay.position == 3)
            async with running(new.relay):
                await append_tasks(new.log, 3)
                await new.published(3)
                reader = await new.nats.jetstream.pull_subscribe(
                    "", durable="r", stream=new.stream.name
                )
                await append_facts(old.log, [TaskCreated(title="x"), TaskCompleted()])
                await until(lambda: relay.failures > 0 or relay.position > 3)
                assert await new.first_and_last() == (1, 3)
                await append_tasks(new.log, 2)
                await new.published(5)
        stored = await new.stored()
        assert [sequence for sequence, _ in stored] == [1, 2, 3, 4, 5]
        assert {event.source for _, event in stored} == {source_of(new.log.log_id)}
        await reader.unsubscribe()
