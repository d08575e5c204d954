"""How tables are built anew while the old ones serve."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from events.ids import new_id
from events.refusals import Conflict
from events.tasks import TaskCreated, TaskStarted
from infra.leases import Lease
from infra.postgres import connect
from projections.catalog import PROJECTIONS
from projections.copies import schema_of
from projections.dead_letters import dead_letters
from projections.rebuild import fresh_copy, rebuild
from projections.tasks import TASKS
from projections.verify import verify
from tests.support.log import Log, append_facts, append_tasks, open_log
from tests.support.projections import (
    Projected,
    project_all,
    projecting,
    refusing,
    rows_of,
    serving_copy,
)
from tests.support.waiting import until


async def test_writes_go_on_and_the_projector_follows_the_new_tables(log: Log) -> None:
    projected, writing = Projected(), True

    async def write() -> int:
        last = 0
        while writing:
            last = await append_tasks(log, 5)
        return last

    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", await append_tasks(log, 50))
        writer = asyncio.create_task(write())
        for _ in range(3):
            made = await rebuild(log.pool, TASKS, log.reader)
        writing = False
        last = await writer
        await projected.reach("tasks", last)
    assert made.copy == 4
    (row,) = await rows_of(log, "SELECT count(*), max(position) FROM read.tasks")
    assert tuple(row) == (last, last)
    assert (await verify(log.pool, TASKS, log.reader)).differing == 0


async def test_a_switch_never_goes_back_in_time(log: Log) -> None:
    await append_tasks(log, 5)
    await project_all(log, TASKS)
    made = await rebuild(log.pool, TASKS, log.reader)
    assert made.position == (await serving_copy(log, TASKS)).position == 5


async def test_the_new_tables_have_the_same_indexes(log: Log) -> None:
    indexes = (
        "SELECT regexp_replace(indexdef, 'tasks_v[0-9]+_.', 'x', 'g') FROM pg_indexes"
        " WHERE schemaname = $1 ORDER BY 1"
    )
    before = await rows_of(log, indexes, schema_of(TASKS, await serving_copy(log, TASKS)))
    made = await rebuild(log.pool, TASKS, log.reader)
    assert await rows_of(log, indexes, schema_of(TASKS, made)) == before
    assert len(before) == 7


async def test_a_version_with_other_columns_replaces_the_view(log: Log) -> None:
    await append_facts(log, [TaskCreated(title="Write"), TaskStarted()])
    await project_all(log, TASKS)
    tags_only = replace(TASKS, version=TASKS.version + 1, tables=TASKS.tables[1:])
    await rebuild(log.pool, tags_only, log.reader)
    views = await rows_of(log, "SELECT viewname FROM pg_views WHERE schemaname = 'read'")
    assert [row["viewname"] for row in views] == ["tags"]


async def test_what_was_parked_is_tried_again(log: Log) -> None:
    await append_facts(log, [TaskCreated(title="poison")])
    await project_all(log, refusing(TASKS, "poison", mended=lambda: False))
    assert len(await dead_letters(log.pool)) == 1
    await rebuild(log.pool, TASKS, log.reader)
    assert await dead_letters(log.pool) == []
    assert len(await rows_of(log, "SELECT 1 FROM read.tasks")) == 1


async def test_a_long_query_delays_the_switch_and_nobody_else(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    async with log.pool.connection() as reading:
        long = reading.transaction()
        await long.start()
        await reading.fetch("SELECT * FROM read.tasks")
        rebuilding = asyncio.create_task(rebuild(log.pool, TASKS, log.reader))
        async with asyncio.timeout(10):
            while not await rows_of(log, "SELECT 1 FROM pg_locks WHERE NOT granted"):
                pass
        assert len(await rows_of(log, "SELECT id FROM read.tasks")) == 3
        assert not rebuilding.done()
        await long.rollback()
    assert (await rebuilding).copy == 2


async def test_only_one_rebuild_at_a_time(log: Log) -> None:
    await serving_copy(log, TASKS)
    async with fresh_copy(log.pool, TASKS, log.reader):
        with pytest.raises(Conflict, match="already"):
            await rebuild(log.pool, TASKS, log.reader)


async def test_what_a_killed_rebuild_left_is_swept_away(log: Log) -> None:
    await serving_copy(log, TASKS)
    await log.execute(f"CREATE SCHEMA tasks_v{TASKS.version}_2")
    await log.execute(
        "INSERT INTO checkpoints (projection, copy, version, log_id) VALUES ('tasks', 2, $2, $1)",
        new_id(),
        TASKS.version,
    )
    made = await rebuild(log.pool, TASKS, log.reader)
    schemas = await rows_of(log, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tasks%'")
    assert [row["nspname"] for row in schemas] == [schema_of(TASKS, made)]


async def test_all_are_built_anew_over_as_few_connections_as_may_be_set(database: str) -> None:
    """As after a restore. Who takes all of them keeps everybody's leases from being renewed."""
    async with open_log(database, pool_size=3) as log, AsyncExitStack() as stack:
        last = await append_tasks(log, 5)
        for projection in PROJECTIONS:
            await serving_copy(log, projection)
        await log.execute("UPDATE checkpoints SET log_id = $1", new_id())
        projected, building = Projected(), asyncio.Lock()
        for projection in PROJECTIONS:
            lead = Lease(log.pool, projection.lease).lead
            following = projecting(log, projection, projected, lead=lead, building=building)
            await stack.enter_async_context(following)
        for projection in PROJECTIONS:
            await projected.reach(projection.name, last)


async def test_a_server_that_ends_idle_transactions_ends_no_rebuild(database: str) -> None:
    """As managed ones do. A large log is read for longer than they allow."""
    async with open_log(database) as log:
        await log.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
            " idle_in_transaction_session_timeout = 1000', current_database()); END $$"
        )
    async with open_log(database) as log, fresh_copy(log.pool, TASKS, log.reader):
        idle = await connect(database)
        await idle.execute("BEGIN")
        await until(idle.is_closed)
