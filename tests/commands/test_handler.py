"""From a command to the log: retries, preconditions, races, with two processes' handlers."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from commands.accounts import ChangeProfile
from commands.base import Command
from commands.sessions import RevokeSession
from commands.tags import DeleteTag
from commands.tasks import TASKS, CompleteTask, EditTask
from commands.workspaces import RemoveMember, RenameWorkspace
from events.ids import number_at
from events.refusals import Conflict, Invalid, NotFound, Reused, Stale
from tests.support.log import open_log
from tests.support.office import MEMBER, OWNER, Office, request


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


async def test_a_created_task_is_numbered_by_its_position(office: Office) -> None:
    outcome = await office.one.handle([office.new_task()], request())
    assert outcome.stream.number == number_at(outcome.position)
    again = await office.other.load(outcome.stream.id, TASKS)
    assert again == outcome.stream


async def test_a_repeated_command_gets_its_first_answer_although_much_came_since(
    office: Office,
) -> None:
    command = uuid4()
    created = await office.one.handle([office.new_task()], request(command=command))
    await office.one.handle([CompleteTask(stream=created.stream.id)], request())
    again = await office.other.handle([office.new_task()], request(command=command))
    assert again.replayed
    assert (again.stream, again.position) == (created.stream, created.position)
    assert again.stream.state.status == "todo"


async def test_a_command_that_changed_nothing_is_remembered_too(office: Office) -> None:
    task, command = await office.task(), uuid4()
    edit = EditTask(stream=task, title="Write")
    first = await office.one.handle([edit], request(command=command))
    assert first.event_count == 0
    await office.one.handle([EditTask(stream=task, title="Write more")], request())
    again = await office.one.handle([edit], request(command=command))
    assert again.replayed
    assert again.stream.state.title == "Write"


async def test_a_key_is_not_used_for_two_requests(office: Office) -> None:
    command = uuid4()
    await office.one.handle([office.new_task()], request(command=command, content="one"))
    with pytest.raises(Reused):
        await office.one.handle([office.new_task()], request(command=command, content="two"))


async def test_if_match_names_the_version_that_is_current(office: Office) -> None:
    task = await office.task()
    edit = EditTask(stream=task, title="Write more")
    await office.other.handle([edit], request(if_match=1))
    with pytest.raises(Stale) as refusal:
        await office.one.handle([CompleteTask(stream=task)], request(if_match=1))
    assert refusal.value.extra["version"] == 2
    await office.one.handle([CompleteTask(stream=task)], request(if_match=2))


async def test_without_if_match_a_state_that_is_behind_is_read_again(office: Office) -> None:
    task = await office.task()
    await office.other.handle([EditTask(stream=task, title="Write more")], request())
    outcome = await office.one.handle([CompleteTask(stream=task)], request())
    assert (outcome.stream.version, outcome.stream.state.title) == (3, "Write more")


async def test_nothing_is_refused_or_left_undone_because_of_a_state_that_is_behind(
    office: Office,
) -> None:
    task = await office.task()
    await office.other.handle([EditTask(stream=task, title="Write more")], request())
    back = await office.one.handle([EditTask(stream=task, title="Write")], request())
    assert back.event_count == 1


async def test_a_role_that_was_just_taken_away_cannot_be_acted_on(office: Office) -> None:
    """The first handler still believes in the member; only the append's guard knows better."""
    await office.one.handle([office.new_task()], request(MEMBER))
    removed = RemoveMember(stream=office.workspace, account=MEMBER)
    await office.other.handle([removed], request())
    head = await office.log.store.head()
    with pytest.raises(NotFound):
        await office.one.handle([office.new_task()], request(MEMBER))
    assert await office.log.store.head() == head


async def test_commands_of_one_request_happen_together_or_not_at_all(office: Office) -> None:
    head = await office.log.store.head()
    good, bad = office.new_task(), office.new_task(assignee=uuid4())
    with pytest.raises(Invalid) as refusal:
        await office.one.handle([good, bad], request())
    assert refusal.value.index == 1
    assert await office.log.store.head() == head
    both: list[Command] = [good, office.new_task(), CompleteTask(stream=good.stream)]
    outcome = await office.one.handle(both, request())
    assert outcome.position == head + 3
    assert outcome.stream.state.status == "completed"


async def test_a_stranger_learns_nothing_of_a_workspace(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.one.handle([office.new_task()], request(uuid4()))
    task = await office.task()
    with pytest.raises(NotFound):
        await office.one.handle([CompleteTask(stream=task)], request(uuid4()))


async def test_an_id_that_another_stream_has_is_refused(office: Office) -> None:
    taken = office.new_task()
    await office.one.handle([taken], request())
    with pytest.raises(Conflict):
        await office.other.handle([taken], request())


async def test_what_does_not_exist_cannot_be_changed(office: Office) -> None:
    commands: list[Command] = [
        CompleteTask(stream=uuid4()),
        CompleteTask(stream=office.workspace),
        RenameWorkspace(stream=uuid4(), name="Mine"),
        RevokeSession(stream=uuid4(), reason="revoked"),
        ChangeProfile(stream=OWNER, full_name="Nobody"),
        DeleteTag(stream=uuid4()),
    ]
    for command in commands:
        with pytest.raises(NotFound):
            await office.one.handle([command], request())


async def test_who_follows_the_log_sees_what_another_process_did_without_asking(
    office: Office,
) -> None:
    task = await office.task()
    assert (await office.other.load(task, TASKS)).state.title == "Write"
    await office.one.handle([EditTask(stream=task, title="Rewrite")], request())
    assert (await office.other.load(task, TASKS, fresh=False)).state.title == "Write"
    for event in await office.log.reader.stream(task):
        office.other.heard(event)
    assert (await office.other.load(task, TASKS, fresh=False)).state.title == "Rewrite"
    known = await office.one.load(task, TASKS, fresh=False)
    for event in await office.log.reader.stream(task):
        office.one.heard(event)
    assert await office.one.load(task, TASKS, fresh=False) is known
