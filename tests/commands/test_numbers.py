"""Integer ids: those of what was born here, and those that imported things keep."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from msgspec.structs import replace

from commands.imports.items import stream_of
from commands.numbers import number_in, old_number
from commands.overdue import RemindOfOverdue
from commands.tasks import TASKS
from events.append import Append, ClaimChange
from events.ids import NUMBER_OFFSET, new_id, number_at
from events.refusals import Invalid
from events.sealing import claim_keys
from tests.support.log import MASTER_KEY, open_log
from tests.support.office import Office, request


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


async def test_a_task_is_found_by_its_number_as_soon_as_it_is_created(office: Office) -> None:
    task = (await office.one.handle([office.new_task()], request())).stream
    assert await office.other.numbered("task", task.number, "todo") == task.id
    again = await office.other.load(task.id, TASKS)
    assert again.number == task.number


async def test_a_number_is_that_of_one_noun_and_of_its_first_event(office: Office) -> None:
    outcome = await office.one.handle([office.new_task(status="completed")], request())
    number = number_at(outcome.position)
    assert await office.one.numbered("task", number, "todo") is None
    assert await office.one.numbered("task", number - 1, "todo") == outcome.stream.id
    assert await office.one.numbered("workspace", number - 1, "todo") is None


async def test_whose_number_it_is_can_be_told_without_reading_what_happened(
    office: Office,
) -> None:
    task = (await office.one.handle([office.new_task()], request())).stream
    await office.log.execute("UPDATE events SET state = '\\x00'")
    assert await office.other.numbered("task", task.number, "todo") == task.id
    assert await office.other.numbered("tag", task.number, "todo") is None


async def test_a_reminder_of_a_task_is_no_task(office: Office) -> None:
    late = await office.one.handle([office.new_task(due=date(2020, 1, 1))], request())
    remind = RemindOfOverdue(stream=new_id(), workspace=office.workspace, task=late.stream.id)
    number = number_at((await office.one.handle([remind], request())).position)
    assert await office.one.numbered("task", number, "todo") is None
    assert await office.one.numbered("task", number - 1, "todo") == late.stream.id


@pytest.mark.parametrize("number", [-1, 0, 7, NUMBER_OFFSET, NUMBER_OFFSET + 999, 1 << 64])
async def test_a_number_that_nobody_has_finds_nothing(office: Office, number: int) -> None:
    assert await office.one.numbered("task", number, "todo") is None


async def test_what_was_imported_is_found_by_its_old_number(office: Office) -> None:
    """In its own system alone: two old systems may both have had a task 7."""
    task, claim = await office.task(), old_number("todo", "task", 7)
    key = claim_keys(MASTER_KEY)(claim.kind, claim.value, claim.scope)
    await office.log.appender.append(
        Append(
            command_id=new_id(),
            account=None,
            fingerprint=b"",
            stream=task,
            version=1,
            claims=[ClaimChange(key, task)],
        )
    )
    assert await office.one.numbered("task", 7, "todo") == task
    assert await office.one.numbered("task", 7, "taskhub") is None
    assert await office.one.numbered("tag", 7, "todo") is None


@pytest.mark.parametrize(
    ("own", "other"), [("taskflow", "taskmanager"), ("taskmanager", "taskflow")]
)
async def test_the_same_number_of_two_systems_is_told_apart_in_both(
    office: Office, own: str, other: str
) -> None:
    """Else one of them would be shown, and changed, in place of the other."""
    task, claim = stream_of(other, "task", 7), old_number(other, "task", 7)
    await office.one.handle([replace(office.new_task(), stream=task)], request())
    key = claim_keys(MASTER_KEY)(claim.kind, claim.value, claim.scope)
    await office.log.appender.append(
        Append(
            command_id=new_id(),
            account=None,
            fingerprint=b"",
            stream=task,
            version=1,
            claims=[ClaimChange(key, task)],
        )
    )
    elsewhere = number_in(own, "task", task, 7)
    assert number_in(other, "task", task, 7) == 7
    assert NUMBER_OFFSET < elsewhere < 1 << 53
    assert await office.one.numbered("task", elsewhere, own) == task
    assert await office.one.numbered("task", 7, own) is None
    assert await office.one.numbered("task", elsewhere, other) is None
    assert await office.one.numbered("task", elsewhere + 1, own) is None


def test_what_was_born_here_has_one_number_everywhere() -> None:
    born = number_at(7)
    assert {number_in(system, "task", new_id(), born) for system in ("taskflow", "todo")} == {born}


@pytest.mark.parametrize("number", [0, -3, NUMBER_OFFSET, NUMBER_OFFSET + 1])
def test_an_old_number_that_could_be_of_one_born_here_is_refused(number: int) -> None:
    with pytest.raises(Invalid):
        old_number("todo", "task", number)
