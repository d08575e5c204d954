"""What a verification of a read model finds."""

import asyncio

import pytest

from events.ids import new_id
from events.refusals import Conflict
from projections.copies import schema_of
from projections.tasks import TASKS
from projections.verify import Difference, verify
from tests.support.log import Log, append_tasks
from tests.support.projections import Projected, project_all, projecting, rows_of, serving_copy


async def test_a_faithful_read_model_has_no_difference(log: Log) -> None:
    await append_tasks(log, 7)
    await project_all(log, TASKS)
    comparison = await verify(log.pool, TASKS, log.reader)
    assert (comparison.position, comparison.rows, comparison.differing) == (7, 7, 0)


async def test_a_tampered_row_is_named_by_key_and_columns(log: Log) -> None:
    await append_tasks(log, 7)
    await project_all(log, TASKS)
    schema = schema_of(TASKS, await serving_copy(log, TASKS))
    (row,) = await rows_of(log, "SELECT id FROM read.tasks WHERE position = 4")
    await log.execute(
        f"UPDATE {schema}.tasks SET title = 'x', due_at = now() WHERE id = $1", row["id"]
    )
    comparison = await verify(log.pool, TASKS, log.reader)
    assert comparison.differing == 1
    assert comparison.differences == (Difference("tasks", (row["id"],), ("title", "due_at")),)


async def test_a_missing_row_and_one_too_many_are_found(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    schema, extra = schema_of(TASKS, await serving_copy(log, TASKS)), new_id()
    (row,) = await rows_of(log, f"DELETE FROM {schema}.tasks WHERE position = 2 RETURNING id")
    await log.execute(
        f"INSERT INTO {schema}.tags VALUES ($1, $1, 'x', '#FF0000', now(), now(), 1)", extra
    )
    comparison = await verify(log.pool, TASKS, log.reader)
    assert comparison.differing == 2
    found = {(difference.table, difference.key) for difference in comparison.differences}
    assert found == {("tasks", (row["id"],)), ("tags", (extra,))}


async def test_writes_may_go_on(log: Log) -> None:
    projected, writing = Projected(), True

    async def write() -> None:
        while writing:
            await append_tasks(log, 5)

    async with projecting(log, TASKS, projected):
        await projected.reach("tasks", await append_tasks(log, 20))
        writer = asyncio.create_task(write())
        comparisons = [await verify(log.pool, TASKS, log.reader) for _ in range(3)]
        writing = False
        await writer
    assert [comparison.differing for comparison in comparisons] == [0, 0, 0]
    assert comparisons[0].position < comparisons[2].position


async def test_nothing_is_left_behind(log: Log) -> None:
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    await verify(log.pool, TASKS, log.reader)
    schemas = await rows_of(log, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tasks%'")
    assert [row["nspname"] for row in schemas] == [f"tasks_v{TASKS.version}_1"]


async def test_a_read_model_that_nobody_has_begun_cannot_be_verified(log: Log) -> None:
    with pytest.raises(Conflict):
        await verify(log.pool, TASKS, log.reader)
