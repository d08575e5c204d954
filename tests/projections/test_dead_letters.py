"""What becomes of an event that cannot be projected."""

from uuid import UUID

import pytest

from events.envelope import Unreadable
from events.ids import new_id
from events.refusals import Conflict, NotFound
from events.tasks import TaskCreated, TaskEdited, TaskStarted
from projections.activity import ACTIVITY
from projections.dead_letters import DeadLetter, dead_letters, replay
from projections.search import SEARCH
from projections.status import statuses
from projections.tasks import TASKS
from projections.verify import verify
from tests.support.log import Log, append_facts, append_tasks
from tests.support.projections import (
    Projected,
    project_all,
    projecting,
    refusing,
    rows_of,
)

POISON = TaskEdited(title="poison")


async def test_its_stream_is_parked_in_order_and_everything_else_goes_on(log: Log) -> None:
    ill, well = new_id(), new_id()
    await append_facts(log, [TaskCreated(title="ill"), POISON, TaskStarted()], stream=ill)
    await append_facts(log, [TaskCreated(title="well"), TaskStarted()], stream=well)
    await project_all(log, refusing(TASKS, "poison", mended=lambda: False))
    rows = await rows_of(log, "SELECT id, status, version FROM read.tasks ORDER BY number")
    assert [tuple(row) for row in rows] == [(ill, "todo", 1), (well, "in_progress", 2)]
    letters = await dead_letters(log.pool)
    assert [(x.position, x.topic, x.stream) for x in letters] == [
        (2, "task.edited", ill),
        (3, "task.started", ill),
    ]
    (status,) = await statuses(log.pool)
    assert (status.projection, status.position, status.parked) == ("tasks", 5, 2)


async def test_the_reason_says_where_and_never_what_was_written(log: Log) -> None:
    await append_facts(log, [TaskCreated(title="poison")])
    await project_all(log, refusing(TASKS, "poison", mended=lambda: False))
    (letter,) = await dead_letters(log.pool)
    assert letter.reason.startswith("RuntimeError at projections.py:")


async def test_later_events_of_a_parked_stream_are_parked_after_a_restart_too(log: Log) -> None:
    ill = new_id()
    await append_facts(log, [TaskCreated(title="poison")], stream=ill)
    projection = refusing(TASKS, "poison", mended=lambda: False)
    await project_all(log, projection)
    await append_facts(log, [TaskStarted()], stream=ill, owner=await _owner(log), after=1)
    await project_all(log, projection)
    assert [letter.position for letter in await dead_letters(log.pool)] == [1, 2]


async def test_mended_events_are_replayed_and_the_projector_takes_the_stream_again(
    log: Log,
) -> None:
    ill, owner, mended = new_id(), new_id(), False
    projected = Projected()
    projection = refusing(TASKS, "poison", mended=lambda: mended)
    facts = [TaskCreated(title="ill"), POISON, TaskStarted()]
    done = await append_facts(log, facts, stream=ill, owner=owner)
    async with projecting(log, projection, projected):
        await projected.reach("tasks", done.last_position)
        mended = True
        assert await replay(log.pool, projection, log.reader, ill) == 2
        edit = [TaskEdited(priority="urgent")]
        done = await append_facts(log, edit, stream=ill, owner=owner, after=3)
        await projected.reach("tasks", done.last_position)
    (row,) = await rows_of(log, "SELECT title, status, priority, version FROM read.tasks")
    assert tuple(row) == ("poison", "in_progress", "urgent", 4)
    assert await dead_letters(log.pool) == []
    assert (await verify(log.pool, projection, log.reader)).differing == 0


async def test_a_replay_before_the_cause_is_mended_changes_nothing(log: Log) -> None:
    ill = new_id()
    await append_facts(log, [TaskCreated(title="poison"), TaskStarted()], stream=ill)
    projection = refusing(TASKS, "poison", mended=lambda: False)
    await project_all(log, projection)
    with pytest.raises(Conflict, match="still"):
        await replay(log.pool, projection, log.reader, ill)
    assert len(await dead_letters(log.pool)) == 2


async def test_a_stream_with_nothing_parked_cannot_be_replayed(log: Log) -> None:
    await project_all(log, TASKS)
    with pytest.raises(NotFound):
        await replay(log.pool, TASKS, log.reader, new_id())


async def test_an_unreadable_event_is_parked(log: Log) -> None:
    last = await append_tasks(log, 5)
    await log.execute("UPDATE events SET state = '\\x0102' WHERE notification_id = 3")
    (event,) = await log.reader.tolerant_after(2, limit=1)
    assert isinstance(event.fact, Unreadable)
    await project_all(log, TASKS)
    assert [letter.position for letter in await dead_letters(log.pool)] == [3]
    (row,) = await rows_of(log, "SELECT count(*), max(position) FROM read.tasks")
    assert tuple(row) == (4, last)


async def test_a_text_that_the_database_refuses_is_parked(log: Log) -> None:
    await append_tasks(log, 3)
    await append_facts(log, [TaskCreated(title="a\0b")])
    await append_tasks(log, 3)
    await project_all(log, TASKS)
    (letter,) = await dead_letters(log.pool)
    assert letter.position == 4
    assert letter.reason.startswith("CharacterNotInRepertoireError 22021")


async def test_pages_leave_none_out_where_several_parked_the_same_event(log: Log) -> None:
    for _ in range(3):
        await append_facts(log, [TaskCreated(title="poison")])
    for projection in (TASKS, SEARCH, ACTIVITY):
        await project_all(log, refusing(projection, "poison", mended=lambda: False))
    found: list[DeadLetter] = []
    while page := await dead_letters(log.pool, after=found[-1].position if found else 0, limit=2):
        found += page
    assert [(letter.position, letter.projection) for letter in found] == [
        (position, name) for position in (1, 2, 3) for name in ("activity", "search", "tasks")
    ]


async def _owner(log: Log) -> UUID:
    return (await log.reader.after(0, limit=1))[0].owner
