"""What the exporter does with what was asked for, on a real log."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from commands.exporter import Exporter, Job, Made, Progressed
from commands.exports import EXPORTS, CancelExport, RequestExport
from events.exports import KEPT, ExportCompleted, ExportProgressed, ExportRequested
from events.ids import new_id
from events.refusals import Unavailable
from infra.clock import utc_now
from tests.support.log import open_log
from tests.support.office import Office, request


class Desk:
    """Read models and a store of files in memory."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.jobs: list[Job] = []
        self.completed: list[UUID] = []
        self.files: set[UUID] = set()
        self.error: Exception | None = None
        self.cancels = False
        self.rows = 1
        self.pace = timedelta()
        self.now = utc_now()
        self.exporter = Exporter(
            jobs=self,
            making=self,
            handler=office.other,
            log_id=office.log.log_id,
            clock=lambda: self.now,
        )

    async def ask(self) -> UUID:
        command = RequestExport(stream=new_id(), workspace=self.office.workspace, format="csv")
        outcome = await self.office.one.handle([command], request())
        job = Job(command.stream, command.workspace, "csv", False, "task", outcome.position)
        self.jobs.append(job)
        return command.stream

    async def status(self, export: UUID) -> str:
        return (await self.office.one.load(export, EXPORTS)).state.status

    async def requested(self) -> Sequence[Job]:
        return self.jobs

    async def completed_before(self, moment: datetime) -> Sequence[UUID]:
        return self.completed if moment > self.now - KEPT - timedelta(seconds=1) else []

    async def make(self, job: Job, progressed: Progressed) -> Made:
        self.files.add(job.export)
        if self.cancels:
            await self.office.one.handle([CancelExport(stream=job.export)], request())
        for done in range(0, self.rows, self.rows // 100 or 1):
            self.now += self.pace
            await progressed(done, self.rows)
        if self.error is not None:
            raise self.error
        return Made(1, 2, "ab")

    def discard(self, exports: Sequence[UUID]) -> None:
        self.files -= set(exports)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield Desk(office)


async def test_what_was_asked_for_is_made_once(desk: Desk) -> None:
    export = await desk.ask()
    await desk.exporter.tick()
    assert await desk.status(export) == "completed"
    head = await desk.office.log.reader.head()
    desk.files.clear()
    await desk.exporter.tick()  # the read model is behind
    assert await desk.office.log.reader.head() == head
    assert desk.files == set()


async def test_progress_is_told_a_few_times_and_never_backwards(desk: Desk) -> None:
    export = await desk.ask()
    desk.rows, desk.pace = 100_000, timedelta(seconds=60)
    desk.error = Unavailable("away")
    with pytest.raises(Unavailable):  # at the end, and it is made anew
        await desk.exporter.tick()
    desk.error = None
    await desk.exporter.tick()
    told = [event.fact for event in await desk.office.log.reader.stream(export)][1:-1]
    assert told == [ExportProgressed(done=n * 5_000, total=100_000) for n in range(1, 20)]
    assert (await desk.office.one.load(export, EXPORTS)).state.done == 1


async def test_a_quick_job_tells_of_no_progress_but_the_first(desk: Desk) -> None:
    export = await desk.ask()
    desk.rows = 100_000
    await desk.exporter.tick()
    facts = [type(event.fact) for event in await desk.office.log.reader.stream(export)]
    assert facts == [ExportRequested, ExportProgressed, ExportCompleted]


async def test_what_was_cancelled_leaves_no_file(desk: Desk) -> None:
    export = await desk.ask()
    desk.cancels = True
    await desk.exporter.tick()
    assert (await desk.status(export), desk.files) == ("cancelled", set())


async def test_what_cannot_be_made_says_so_and_the_next_one_is_made(desk: Desk) -> None:
    export = await desk.ask()
    desk.error = ZeroDivisionError("with words of a task")
    await desk.exporter.tick()
    stream = await desk.office.one.load(export, EXPORTS)
    assert (stream.state.status, stream.state.reason) == ("failed", "ZeroDivisionError")
    assert desk.files == set()
    desk.error = None
    other = await desk.ask()
    await desk.exporter.tick()
    assert await desk.status(other) == "completed"


async def test_a_store_that_is_away_is_waited_for(desk: Desk) -> None:
    export = await desk.ask()
    desk.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await desk.exporter.tick()
    assert await desk.status(export) == "requested"
    desk.error = None
    await desk.exporter.tick()
    assert await desk.status(export) == "completed"


async def test_a_file_goes_when_it_expires(desk: Desk) -> None:
    export = await desk.ask()
    await desk.exporter.tick()
    assert desk.files == {export}
    desk.jobs, desk.completed = [], [export]
    for _ in range(2):
        await desk.exporter.tick()
        assert (await desk.status(export), desk.files) == ("expired", set())


async def test_one_that_cannot_be_read_holds_up_no_other(desk: Desk) -> None:
    old = await desk.ask()
    await desk.exporter.tick()
    damaged, other = await desk.ask(), await desk.ask()
    await desk.office.log.execute(
        "UPDATE events SET state = '\\x00' WHERE originator_id = $1", damaged
    )
    desk.completed = [damaged, old]
    await desk.exporter.tick()
    assert (await desk.status(old), await desk.status(other)) == ("expired", "completed")
    assert desk.files == {other}
