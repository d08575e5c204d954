"""A policy follows the log from where it came to be, and reacts once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from events.envelope import Recorded
from infra.policies import Policy, Reaction
from infra.postgres import PooledConnection
from tests.support.log import Log, append_tasks, open_log
from tests.support.projections import LogSource
from tests.support.waiting import until, until_answered


class Notes:
    """Reacts by writing down each position; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.done = 0

    def react(self, events: Sequence[Recorded]) -> Reaction | None:
        async def reaction(connection: PooledConnection) -> None:
            await connection.executemany(
                "INSERT INTO notes VALUES ($1)", [(event.position,) for event in events]
            )
            if self.failures:
                self.failures -= 1
                raise RuntimeError("not now")

        return reaction

    def finished(self) -> None:
        self.done += 1


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        await log.execute("CREATE TABLE notes (position bigint)")
        yield log


@asynccontextmanager
async def following(log: Log, notes: Notes) -> AsyncIterator[None]:
    policy = Policy(
        "notes",
        pool=log.pool,
        log=log.reader,
        source=LogSource(log),
        react=notes.react,
        done=notes.finished,
    )
    running = asyncio.create_task(policy.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def opened(log: Log) -> None:
    await until_answered(lambda: log.pool.fetch("SELECT 1 FROM policies"))


async def noted(log: Log) -> list[int]:
    rows = await log.pool.fetch("SELECT position FROM notes ORDER BY position")
    return [row["position"] for row in rows]


async def until_noted(log: Log, count: int) -> None:
    async def so_many() -> bool:
        return len(await noted(log)) >= count

    await until_answered(so_many)


async def test_it_begins_at_the_head_and_goes_on_from_its_checkpoint(log: Log) -> None:
    await append_tasks(log, 3)
    first, second = Notes(), Notes()
    async with following(log, first):
        await opened(log)
        await append_tasks(log, 2)
        await until_noted(log, 2)
    await append_tasks(log, 2)
    async with following(log, second):
        await until_noted(log, 4)
    assert await noted(log) == [4, 5, 6, 7]


async def test_a_reaction_that_fails_is_tried_again_as_a_whole(log: Log) -> None:
    notes = Notes(failures=2)
    async with following(log, notes):
        await opened(log)
        await append_tasks(log, 1)
        await until(lambda: notes.done)
    assert await noted(log) == [1]


async def test_what_another_log_held_concerns_nobody(log: Log) -> None:
    await append_tasks(log, 3)
    await log.execute("INSERT INTO policies VALUES ('notes', gen_random_uuid(), 1)")
    notes = Notes()
    async with following(log, notes):
        await until_answered(lambda: log.pool.fetch("SELECT 1 FROM policies WHERE position = 3"))
        await append_tasks(log, 1)
        await until(lambda: notes.done)
    assert await noted(log) == [4]
