"""How a projector brings read models forward, and what it does not let happen."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

import pytest

from events.accounts import AccountRegistered
from events.ids import new_id
from events.refusals import Unavailable
from events.tasks import TaskCreated, TaskStarted, TaskTagged
from events.workspaces import WorkspaceCreated
from infra.leases import Lease
from projections import writer as writer_module
from projections.copies import schema_of
from projections.projector import gathering
from projections.tasks import TASKS
from projections.verify import verify
from projections.workspaces import WORKSPACES
from projections.writer import Fenced, Gap, Writer
from tests.support.log import Log, append_facts, append_tasks
from tests.support.projections import (
    Projected,
    project_all,
    projecting,
    rows_of,
    serving_copy,
)
from tests.support.waiting import until, until_so

NEWER = TASKS.version + 1

COUNT = "SELECT count(*), max(position) FROM read.tasks"


async def test_events_become_rows(log: Log) -> None:
    projected, task, tag = Projected(), new_id(), new_id()
    facts = [TaskCreated(title="Write"), TaskStarted(), TaskTagged(tag=tag)]
    done = await append_facts(log, facts, stream=task)
    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", done.last_position)
        (row,) = await rows_of(log, "SELECT id, title, status, tags, version FROM read.tasks")
    assert tuple(row) == (task, "Write", "in_progress", [tag], 3)


async def test_a_projector_goes_on_from_its_checkpoint(log: Log) -> None:
    projected = Projected()
    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", await append_tasks(log, 3))
    last = await append_tasks(log, 4)
    projected = Projected()
    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", last)
    (row,) = await rows_of(log, COUNT)
    assert tuple(row) == (7, 7)


async def test_it_passes_over_what_does_not_concern_it(log: Log) -> None:
    projected = Projected()
    registered = AccountRegistered(email="ada@example.org", username=None, full_name="Ada")
    done = await append_facts(log, [registered])
    async with projecting(log, WORKSPACES, projected):
        await projected.reach("workspaces", done.last_position)
    assert await rows_of(log, "SELECT 1 FROM read.workspaces") == []


async def test_two_projectors_of_one_projection_do_everything_once(log: Log) -> None:
    first, second = Projected(), Projected()
    async with projecting(log, TASKS, first), projecting(log, TASKS, second):
        last = max([await append_tasks(log, 20) for _ in range(5)])
        await first.reach("tasks", last)
        await second.reach("tasks", last)
    comparison = await verify(log.pool, TASKS, log.reader)
    assert (comparison.rows, comparison.differing) == (100, 0)


async def test_another_process_takes_over_when_the_leader_is_gone(log: Log) -> None:
    first, second = Projected(), Projected()
    mine, theirs = Lease(log.pool, TASKS.lease), Lease(log.pool, TASKS.lease)
    async with AsyncExitStack() as leading:
        await leading.enter_async_context(projecting(log, TASKS, first, lead=mine.lead))
        await first.reach("tasks", await append_tasks(log, 3))
        async with projecting(log, TASKS, second, lead=theirs.lead) as standby:
            await first.reach("tasks", await append_tasks(log, 3))
            assert standby.position is None
            await leading.aclose()
            await second.reach("tasks", await append_tasks(log, 3))


async def test_it_survives_the_loss_of_every_connection(log: Log) -> None:
    projected = Projected()
    async with projecting(log, TASKS, projected):
        for _ in range(3):
            await projected.reach("tasks", await append_tasks(log, 20))
            await _cut_every_connection(log)
        await projected.reach("tasks", await append_tasks(log, 20))
    comparison = await verify(log.pool, TASKS, log.reader)
    assert (comparison.rows, comparison.differing) == (80, 0)


async def test_who_does_not_know_that_it_lost_is_fenced(log: Log) -> None:
    await append_tasks(log, 2)
    late = await Writer.open(log.pool, TASKS, await serving_copy(log, TASKS))
    await project_all(log, TASKS)
    events = await log.reader.tolerant_after(0)
    with pytest.raises(Fenced):
        await late.apply(events)
    (row,) = await rows_of(log, COUNT)
    assert tuple(row) == (2, 2)


async def test_events_with_a_gap_before_or_between_them_are_refused(log: Log) -> None:
    await append_tasks(log, 4)
    writer = await Writer.open(log.pool, TASKS, await serving_copy(log, TASKS))
    events = await log.reader.tolerant_after(0)
    with pytest.raises(Gap):
        await writer.apply(events[1:])
    with pytest.raises(Gap):
        await writer.apply([events[0], *events[2:]])
    await writer.apply(events)
    assert writer.position == 4


async def test_events_of_others_move_the_position_at_once_and_the_checkpoint_later(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "NOTED_WITHIN", 3600.0)

    async def noted() -> int:
        return (await serving_copy(log, WORKSPACES)).position

    writer = await Writer.open(log.pool, WORKSPACES, await serving_copy(log, WORKSPACES))
    for last in (2, 4, 6):
        await append_tasks(log, 2)
        await writer.apply(await log.reader.tolerant_after(last - 2))
    assert (writer.position, writer.is_noted, await noted()) == (6, False, 0)
    with pytest.raises(Gap):
        await writer.apply(await log.reader.tolerant_after(4))
    await writer.note()
    assert (writer.position, writer.is_noted, await noted()) == (6, True, 6)
    await append_tasks(log, 1)
    await writer.apply(await log.reader.tolerant_after(6))
    done = await append_facts(log, [WorkspaceCreated(owner=new_id(), name="Home", time_zone="UTC")])
    await writer.apply(await log.reader.tolerant_after(7))
    assert (writer.position, await noted()) == (done.last_position, done.last_position)


@pytest.mark.parametrize(("events", "pause"), [(1, 0.002), (10, 0.02), (400, 0.1), (500, 0.0)])
def test_what_follows_a_busy_moment_gathers(events: int, pause: float) -> None:
    assert gathering(events) == pause


async def test_a_checkpoint_is_written_while_nothing_more_comes(log: Log) -> None:
    projected = Projected()
    async with projecting(log, WORKSPACES, projected):
        for _ in range(3):
            await projected.reach("workspaces", await append_tasks(log, 1))

        async def is_noted() -> bool:
            return (await serving_copy(log, WORKSPACES)).position == 3

        await until_so(is_noted)


async def test_a_batch_that_was_killed_halfway_leaves_nothing(log: Log) -> None:
    await append_tasks(log, 3)
    copy = await serving_copy(log, TASKS)
    writer = await Writer.open(log.pool, TASKS, copy)
    events = await log.reader.tolerant_after(0)
    async with log.pool.connection() as other:
        blocking = other.transaction()
        await blocking.start()
        await other.execute(f"LOCK TABLE {schema_of(TASKS, copy)}.tasks IN SHARE MODE")
        applying = asyncio.create_task(writer.apply(events))
        await _blocked(log)
        applying.cancel()
        with suppress(asyncio.CancelledError):
            await applying
        await blocking.rollback()
    assert await rows_of(log, "SELECT 1 FROM read.tasks") == []
    assert (await serving_copy(log, TASKS)).position == 0
    await project_all(log, TASKS)
    assert (await verify(log.pool, TASKS, log.reader)).differing == 0


async def test_a_checkpoint_of_another_log_is_not_gone_on_from(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    await log.execute("UPDATE checkpoints SET log_id = $1", new_id())
    await log.execute(f"DELETE FROM {schema_of(TASKS, await serving_copy(log, TASKS))}.tasks")
    projected = Projected()
    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", 3)
    (row,) = await rows_of(log, COUNT)
    assert tuple(row) == (3, 3)
    assert (await serving_copy(log, TASKS)).log_id == log.log_id


async def test_a_newer_version_is_built_while_the_old_one_serves(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    newer, projected = replace(TASKS, version=NEWER), Projected()
    async with projecting(log, newer, projected):
        await projected.reach("tasks", await append_tasks(log, 2))
    found = await serving_copy(log, newer)
    assert (found.version, found.copy, found.position) == (NEWER, 2, 5)
    schemas = await rows_of(log, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tasks%'")
    assert [row["nspname"] for row in schemas] == [f"tasks_v{NEWER}_2"]


async def test_an_older_program_leaves_newer_tables_alone(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, replace(TASKS, version=NEWER))
    async with projecting(log, TASKS, Projected()) as projector:
        await until(lambda: projector.problem)
    wanted = f"Superseded: version {NEWER} serves, this program knows {TASKS.version}"
    assert projector.problem == wanted


async def _blocked(log: Log) -> None:
    async with asyncio.timeout(10):
        while not await rows_of(
            log,
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'",
        ):
            pass


async def _cut_every_connection(log: Log) -> None:
    """As when the server kills its backends; what was under way is lost."""
    with suppress(Unavailable):
        await rows_of(
            log,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
