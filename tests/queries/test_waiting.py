"""How a query waits for what its caller was told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from events.ids import new_id
from events.refusals import Unavailable
from infra.postgres import connect
from projections.tasks import TASKS
from queries import waiting as module
from queries.waiting import Waiter
from tests.support.log import Log, append_tasks, open_log
from tests.support.projections import project_all
from tests.support.waiting import until


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


@pytest.fixture
async def waiter(log: Log) -> AsyncIterator[Waiter]:
    waiter = Waiter(log.pool, log.log_id)
    yield waiter
    await waiter.close()


async def test_what_is_there_already_is_found_by_asking(log: Log, waiter: Waiter) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    await waiter.wait_for("tasks", 3)


async def test_what_was_heard_of_needs_no_question(waiter: Waiter) -> None:
    waiter.passed("tasks", 5)
    await waiter.wait_for("tasks", 5)
    assert waiter.questions == 0


async def test_a_commit_wakes_those_who_wait_for_it(waiter: Waiter) -> None:
    waiting = asyncio.create_task(waiter.wait_for("tasks", 5, 10))
    asyncio.get_running_loop().call_soon(waiter.passed, "tasks", 5)
    await waiting


async def test_a_lost_hint_costs_a_moment_only(log: Log, waiter: Waiter) -> None:
    waiting = asyncio.create_task(waiter.wait_for("tasks", 3, 10))
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    await waiting


async def test_many_who_wait_ask_as_one(log: Log, waiter: Waiter) -> None:
    waiting = [asyncio.create_task(waiter.wait_for("tasks", 300, 10)) for _ in range(500)]
    await append_tasks(log, 300)
    await project_all(log, TASKS)
    await asyncio.gather(*waiting)
    assert waiter.questions < 50


async def test_whoever_waits_too_long_is_told_so(waiter: Waiter) -> None:
    with pytest.raises(Unavailable) as refusal:
        await waiter.wait_for("tasks", 5, 0.05)
    assert refusal.value.code == "projection-lag"


async def test_a_checkpoint_of_another_log_does_not_count(log: Log, waiter: Waiter) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    await log.execute("UPDATE checkpoints SET log_id = $1", new_id())
    with pytest.raises(Unavailable):
        await waiter.wait_for("tasks", 3, 0.2)


async def test_a_read_model_that_fell_back_in_a_crash_is_waited_for_again(waiter: Waiter) -> None:
    waiter.passed("tasks", 9)
    waiter.passed("tasks", 4)
    with pytest.raises(Unavailable):
        await waiter.wait_for("tasks", 9, 0.05)


async def test_a_checkpoint_that_is_not_written_yet_takes_nothing_back(
    log: Log, waiter: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    waiter.passed("tasks", 9)
    await asked(waiter)
    await waiter.wait_for("tasks", 9, 0.05)
    monkeypatch.setattr(module, "_HOLDS", 0.0)
    await asked(waiter)
    with pytest.raises(Unavailable):
        await waiter.wait_for("tasks", 9, 0.05)


async def asked(waiter: Waiter) -> None:
    """The database has answered."""
    with pytest.raises(Unavailable):
        await waiter.wait_for("another", 1, 0.2)


async def test_what_was_heard_before_a_crash_must_be_heard_again(log: Log, waiter: Waiter) -> None:
    """A crash may take back what a projector committed, and a late hint does not know of it."""
    waiter.passed("tasks", 5)
    await kill_connections(log)
    waiter.passed("tasks", 5)
    with pytest.raises(Unavailable, match="has not reached position 5"):
        await waiter.wait_for("tasks", 5, 0.3)
    waiter.passed("tasks", 5)
    await waiter.wait_for("tasks", 5)


async def kill_connections(log: Log) -> None:
    connection = await connect(log.url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    await until(lambda: log.pool.lost)
