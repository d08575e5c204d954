"""Does a reader that asks for what comes after its last position see everything, once, in order?

The same questions are put to a log that takes its positions from a sequence, as many do: it must
fail them, or they ask nothing.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from infra.appender import as_composite
from infra.migrations import migrations
from infra.postgres import Connection, connect
from infra.verify import verify_log
from tests.support.appends import an_append
from tests.support.log import Log, open_log
from tests.support.repository import ROOT

LOCK = "PERFORM pg_advisory_xact_lock(7236481);"
NEXT = "head := head + 1;"
PROCESSES = 3
COMMANDS = 800


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


@pytest.fixture
async def with_a_sequence(log: Log) -> Log:
    """The same append function, but for where a position comes from."""
    text = next(text for number, text in migrations() if number == 1)
    start = text.index("CREATE FUNCTION append(")
    source = text[start : text.index("$$;", start) + 3]
    assert source.count(LOCK) == source.count(NEXT) == 1
    await log.execute("CREATE SEQUENCE positions")
    await log.execute(
        source.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        .replace(LOCK, "")
        .replace(NEXT, "head := nextval('positions');")
    )
    return log


class Tail:
    """What a reader sees; each read begins behind the last position that was seen."""

    def __init__(self, log: Log, start: int = 0) -> None:
        self._log = log
        self._start = start
        self.seen: list[int] = []

    async def read(self) -> int:
        rows = await self._log.store.after(self.seen[-1] if self.seen else self._start)
        self.seen += [row.id for row in rows]
        return len(rows)

    async def follow(self, writing: asyncio.Task[None]) -> None:
        while not writing.done():
            await self.read()
        while await self.read():
            pass


async def seen_beside_a_slow_committer(log: Log) -> list[int]:
    """One transaction has its position and takes its time, another comes later."""
    slow, fast = await connect(log.url), await connect(log.url)
    tail = Tail(log)
    try:
        transaction = slow.transaction()
        await transaction.start()
        await append(slow)
        second = asyncio.create_task(append(fast))
        async with asyncio.timeout(10):
            while not second.done() and not await waits_for_lock(log):
                pass
        await tail.read()
        await transaction.commit()
        await second
        await tail.read()
    finally:
        await slow.close()
        await fast.close()
    return tail.seen


async def append(connection: Connection) -> None:
    await connection.fetch("SELECT * FROM append($1)", [as_composite(an_append())])


async def waits_for_lock(log: Log) -> bool:
    async with log.pool.connection() as connection:
        waiting: bool = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return waiting


async def seen_beside_many_writers(log: Log, start: int = 0) -> list[list[int]]:
    async def write() -> None:
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.support.log_writer", log.url, str(COMMANDS), cwd=ROOT
            )
            for _ in range(PROCESSES)
        ]
        assert [await process.wait() for process in processes] == [0] * PROCESSES

    writing = asyncio.create_task(write())
    tails = [Tail(log, start) for _ in range(3)]
    await asyncio.gather(*(tail.follow(writing) for tail in tails))
    await writing
    return [tail.seen for tail in tails]


async def test_a_slow_committer_hides_nothing(log: Log) -> None:
    assert await seen_beside_a_slow_committer(log) == [1, 2]


async def test_a_slow_committer_hides_an_event_where_a_sequence_numbers(
    with_a_sequence: Log,
) -> None:
    assert await seen_beside_a_slow_committer(with_a_sequence) == [2]


async def test_readers_beside_many_writers_see_every_position_once_in_order(log: Log) -> None:
    every = await seen_beside_many_writers(log)
    head = await log.store.head()
    assert head > PROCESSES * COMMANDS
    for seen in every:
        assert seen == list(range(1, head + 1))
    assert [finding async for finding in verify_log(log.pool)] == []


async def test_readers_beside_many_writers_miss_events_where_a_sequence_numbers(
    with_a_sequence: Log,
) -> None:
    """Nearly always in the first round."""
    for _ in range(20):
        start = await with_a_sequence.store.head()
        every = await seen_beside_many_writers(with_a_sequence, start)
        async with with_a_sequence.pool.connection() as connection:
            stored = await connection.fetch(
                "SELECT notification_id FROM events WHERE notification_id > $1 ORDER BY 1", start
            )
        if any(seen != [row[0] for row in stored] for seen in every):
            return
    pytest.fail("nobody missed anything, so this would not have found out")
