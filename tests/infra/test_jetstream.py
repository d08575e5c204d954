"""Does the stream fit its log: limits, subjects, and whose it is?"""

import pytest
from nats.js.errors import NotFoundError

from events.ids import new_id
from infra.jetstream import EventStream
from tests.support.fanout import open_fanout, running
from tests.support.log import append_tasks


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
