"""Due moments pass on a real log, by a clock that the test sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from commands.handler import Handler, Outcome
from commands.scheduler import Handling, OverdueScheduler
from commands.tasks import CompleteTask, CreateTask, EditTask, ReopenTask
from commands.workspaces import ChangeTimeZone
from events.append import CommandRequest
from events.envelope import Caller, Recorded
from events.ids import new_id, personal_workspace_of
from events.tasks import TaskFellOverdue
from gateway.bootstrap.overdue import Deadlines
from projections.inbox import INBOX
from projections.tasks import TASKS
from projections.workspaces import WORKSPACES
from tests.support.log import Log, open_log
from tests.support.projections import project_all
from tests.support.signing_in import Clock, open_process, registered
from tests.support.waiting import until

HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """One account at its personal workspace, and schedulers that look over its shoulder."""

    log: Log
    handler: Handler
    clock: Clock
    account: UUID

    @property
    def home(self) -> UUID:
        return personal_workspace_of(self.account)

    def scheduler(self, handler: Handling | None = None) -> OverdueScheduler:
        return OverdueScheduler(
            deadlines=Deadlines(self.log.pool),
            handler=handler or self.handler,
            log_id=self.log.log_id,
            clock=self.clock,
        )

    async def do(self, *commands: Any) -> None:
        request = CommandRequest(
            caller=Caller(account=self.account), command_id=new_id(), correlation=new_id()
        )
        await self.handler.handle(commands, request)

    async def task(self, **fields: Any) -> UUID:
        task = new_id()
        await self.do(CreateTask(stream=task, workspace=self.home, title="Write", **fields))
        return task

    async def project(self) -> None:
        for projection in (TASKS, WORKSPACES, INBOX):
            await project_all(self.log, projection)

    async def tick(self, *, after: timedelta = timedelta()) -> int:
        self.clock.ahead += after
        await self.project()
        return await self.scheduler().tick()

    async def announced(self) -> list[Recorded]:
        events = await self.log.reader.after(0)
        return [event for event in events if isinstance(event.fact, TaskFellOverdue)]


@asynccontextmanager
async def open_desk(database: str) -> AsyncIterator[Desk]:
    async with open_log(database) as log, open_process(log) as process:
        signed_in = await registered(process)
        yield Desk(log, process.handler, process.clock, signed_in.account.id)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def test_a_moment_that_passed_is_announced_once(desk: Desk) -> None:
    due = desk.clock() + HOUR
    task = await desk.task(due=due)
    assert await desk.tick() == 0
    assert await desk.tick(after=2 * HOUR) == 1
    assert await desk.tick() == 0
    [event] = await desk.announced()
    assert isinstance(event.fact, TaskFellOverdue)
    assert (event.fact.task, event.fact.audience) == (task, (desk.account,))
    assert (event.occurred_at, event.actor, event.owner) == (due, None, desk.home)
    assert event.stream != task


async def test_ticks_at_once_and_on_old_read_models_announce_once(desk: Desk) -> None:
    for _ in range(3):
        await desk.task(due=desk.clock() + HOUR)
    await desk.project()
    desk.clock.ahead = 2 * HOUR
    async with open_process(desk.log) as other:
        other.clock.ahead = desk.clock.ahead
        schedulers = [desk.scheduler(), desk.scheduler(other.handler), desk.scheduler()]
        counts = await asyncio.gather(*(scheduler.tick() for scheduler in schedulers))
    assert sum(counts) == len(await desk.announced()) == 3
    assert await desk.scheduler().tick() == 0


async def test_what_was_completed_or_moved_first_is_left_alone(desk: Desk) -> None:
    done = await desk.task(due=desk.clock() + HOUR)
    moved = await desk.task(due=desk.clock() + HOUR)
    await desk.project()
    desk.clock.ahead = 2 * HOUR
    await desk.do(CompleteTask(stream=done))
    await desk.do(EditTask(stream=moved, due=desk.clock() + HOUR))
    assert await desk.scheduler().tick() == 0, "the read models do not know yet, the log does"
    assert await desk.tick() == 0
    await desk.do(ReopenTask(stream=done))
    assert await desk.tick() == 1
    assert await desk.tick(after=2 * HOUR) == 1
    facts = [event.fact for event in await desk.announced()]
    assert [getattr(fact, "task", None) for fact in facts] == [done, moved]


async def test_a_date_ends_in_the_zone_of_the_workspace(desk: Desk) -> None:
    today = datetime(2030, 6, 1, tzinfo=UTC)
    desk.clock.ahead = today + timedelta(hours=11, minutes=30) - datetime.now(UTC)
    await desk.task(due=date(2030, 6, 1))
    assert await desk.tick() == 0
    await desk.do(ChangeTimeZone(stream=desk.home, time_zone="Pacific/Auckland"))
    assert await desk.tick() == 0
    assert await desk.tick(after=HOUR) == 1
    [event] = await desk.announced()
    assert event.occurred_at == today + timedelta(hours=12)


async def test_one_that_cannot_be_announced_holds_up_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    moment = desk.clock() + HOUR
    tasks = [await desk.task(due=moment) for _ in range(3)]
    await desk.project()
    desk.clock.ahead = 2 * HOUR

    class Failing:
        async def handle(self, commands: Any, request: CommandRequest) -> Outcome:
            if commands[0].task == tasks[1]:
                raise ArithmeticError("what people wrote")
            return await desk.handler.handle(commands, request)

    assert await desk.scheduler(Failing()).tick() == 2
    facts = [event.fact for event in await desk.announced()]
    assert {fact.task for fact in facts if isinstance(fact, TaskFellOverdue)} == {
        tasks[0],
        tasks[2],
    }
    assert f"task {tasks[1]} cannot be announced: ArithmeticError" in caplog.text
    assert "what people wrote" not in caplog.text
    assert await desk.scheduler().tick() == 1


async def test_what_was_due_long_ago_waits_for_the_sweep(desk: Desk) -> None:
    await desk.project()
    scheduler = desk.scheduler()
    assert await scheduler.tick() == 0
    await desk.task(due=desk.clock() - timedelta(days=9))
    await desk.task(due=desk.clock().date() - timedelta(days=9))
    await desk.task(due=desk.clock() - HOUR)
    await desk.project()
    assert await scheduler.tick() == 1
    desk.clock.ahead += timedelta(minutes=5)
    assert await scheduler.tick() == 2
    assert len(await desk.announced()) == 3


async def test_the_next_moment_is_known_in_advance(desk: Desk) -> None:
    deadlines = Deadlines(desk.log.pool)
    now = desk.clock()
    soon, later = now + timedelta(minutes=1), now + timedelta(minutes=3)
    done = await desk.task(due=soon)
    await desk.task(due=later)
    await desk.project()
    five = timedelta(minutes=5)
    assert await deadlines.next(now, now + five) == soon
    await desk.do(CompleteTask(stream=done))
    await desk.project()
    assert await deadlines.next(now, now + five) == later
    assert await deadlines.next(now, now + timedelta(minutes=2)) is None
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    await desk.task(due=now.date())
    await desk.project()
    assert await deadlines.next(midnight - five / 2, midnight + five) == midnight


async def test_it_wakes_by_itself_at_the_moment(desk: Desk) -> None:
    scheduler = desk.scheduler()
    running = asyncio.create_task(scheduler.run())
    try:
        heads: list[int] = []
        desk.log.on_commit = heads.append
        await desk.task(due=desk.clock() + timedelta(seconds=1))
        await desk.project()
        scheduler.changed()
        await until(lambda: len(heads) == 2)
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert len(await desk.announced()) == 1
