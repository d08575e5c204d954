"""Do many who share one reader of the feed each see every event once and in order?"""

from contextlib import AsyncExitStack, aclosing

import pytest

from infra.shared_source import KEPT, SharedSource
from infra.source import BeyondHead
from tests.support.fanout import open_fanout, running
from tests.support.log import append_tasks
from tests.support.readers import Reader, demand_all, source_of


async def test_sharing_readers_see_the_same_and_the_stream_is_read_once(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        source = source_of(fanout)
        shared = SharedSource(source)
        async with AsyncExitStack() as stack:
            readers = [
                await stack.enter_async_context(Reader(shared).following()) for _ in range(5)
            ]
            await append_tasks(fanout.log, 5)
            await demand_all(fanout, *readers)
            before = source.from_feed + source.from_log
            for _ in range(10):
                await append_tasks(fanout.log, 30)
            await demand_all(fanout, *readers)
            assert source.from_feed + source.from_log - before == 300


async def test_who_begins_far_behind_reads_the_log_until_he_has_caught_up(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        shared = SharedSource(source_of(fanout))
        async with Reader(shared).following() as first:
            await append_tasks(fanout.log, 2 * KEPT)
            await demand_all(fanout, first)
            async with Reader(shared).following() as second:
                await append_tasks(fanout.log, 50)
                await demand_all(fanout, first, second)


async def test_who_does_not_keep_pace_holds_nobody_up_and_misses_nothing(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        shared = SharedSource(source_of(fanout))
        async with Reader(shared).following() as quick, aclosing(shared.batches(0)) as batches:
            await append_tasks(fanout.log, 1)
            slow = [recorded.position for recorded in await anext(batches)]
            await append_tasks(fanout.log, 2 * KEPT)
            await demand_all(fanout, quick)
            while slow[-1] < quick.positions[-1]:
                slow += [recorded.position for recorded in await anext(batches)]
            assert slow == quick.positions


async def test_the_one_reader_ends_with_the_last_and_begins_anew(
    database: str, nats_url: str
) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        source = source_of(fanout)
        shared = SharedSource(source)
        async with Reader(shared).following() as first:
            await append_tasks(fanout.log, 5)
            await demand_all(fanout, first)
        read = source.from_feed + source.from_log
        await append_tasks(fanout.log, 20)
        async with Reader(shared, after=5).following() as second:
            await append_tasks(fanout.log, 20)
            await demand_all(fanout, second)
        assert source.from_feed + source.from_log - read == 40


async def test_each_is_told_what_ended_the_one_reader(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, running(fanout.relay):
        shared = SharedSource(source_of(fanout))
        await append_tasks(fanout.log, 3)
        with pytest.raises(BeyondHead):
            await Reader(shared, after=7).run()
        async with Reader(shared).following() as reader:
            await demand_all(fanout, reader)
