"""A command sent again, or twice at once, happens once and gets one answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import pytest

from commands.base import Command
from commands.handler import Outcome
from commands.tags import CreateTag, DeleteTag
from commands.tasks import CompleteTask, CreateTask, DeleteTask, EditTask
from commands.workspaces import AddMember
from events.append import CommandRecord
from events.ids import new_id
from events.refusals import Conflict, NotFound, Stale, TooLarge
from infra.event_store import EventStore
from tests.support.log import open_log
from tests.support.office import Office, request


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


class Overtaken:
    """The store of a process that, after its first look-up of a command, is overtaken."""

    def __init__(self, store: EventStore, overtake: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._overtake: Callable[[], Awaitable[object]] | None = overtake

    async def command(self, command_id: UUID) -> CommandRecord | None:
        found = await self._store.command(command_id)
        overtake, self._overtake = self._overtake, None
        if overtake is not None:
            await overtake()
        return found

    async def claimed_by(self, keys: Sequence[bytes]) -> dict[bytes, UUID]:
        return await self._store.claimed_by(keys)


async def raced(
    office: Office, make: Callable[[], Sequence[Command]], if_match: int | None = None
) -> tuple[Outcome, Outcome]:
    """The same request in two processes, the second of which is through when the first has only
    looked whether it was handled before."""
    same, winner = uuid4(), list[Outcome]()

    async def overtake() -> None:
        again = request(command=same, if_match=if_match)
        winner.append(await office.other.handle(make(), again))

    loser = office.handler(Overtaken(office.log.store, overtake))
    outcome = await loser.handle(make(), request(command=same, if_match=if_match))
    return winner[0], outcome


async def assert_same(office: Office, first: Outcome, again: Outcome) -> None:
    assert (again.replayed, again.position) == (True, first.position)
    assert again.stream == first.stream
    assert await office.log.store.head() == first.position


async def test_two_at_once_create_one_task(office: Office) -> None:
    await assert_same(office, *await raced(office, lambda: [office.new_task()]))


async def test_two_at_once_delete_a_task_and_both_have_done_it(office: Office) -> None:
    task = await office.task()
    await assert_same(office, *await raced(office, lambda: [DeleteTask(stream=task)]))


async def test_two_at_once_add_a_member_and_both_have_done_it(office: Office) -> None:
    added = AddMember(stream=office.workspace, account=new_id(), role="viewer")
    await assert_same(office, *await raced(office, lambda: [added]))


async def test_two_at_once_from_the_same_version_are_the_same_change(office: Office) -> None:
    edit = EditTask(stream=await office.task(), title="Write more")
    await assert_same(office, *await raced(office, lambda: [edit], if_match=1))


async def test_two_at_once_that_change_nothing_have_changed_nothing(office: Office) -> None:
    edit = EditTask(stream=await office.task(), title="Write")
    first, again = await raced(office, lambda: [edit])
    await assert_same(office, first, again)
    assert again.event_count == 0


async def test_a_refusal_is_not_remembered(office: Office) -> None:
    task, again = await office.task(), request(command=uuid4())
    await office.one.handle([DeleteTask(stream=task)], request())
    with pytest.raises(NotFound):
        await office.one.handle([CompleteTask(stream=task)], again)
    assert await office.log.store.command(again.command_id) is None


async def test_several_streams_come_back_in_the_order_of_the_request(office: Office) -> None:
    def made() -> list[CreateTask]:
        return [office.new_task(priority=priority) for priority in ("low", "high", "urgent")]

    same = uuid4()
    first = await office.one.handle(made(), request(command=same))
    again = await office.other.handle(made(), request(command=same))
    assert again.streams == first.streams
    assert [stream.state.priority for stream in again.streams] == ["low", "high", "urgent"]


async def test_a_tag_that_is_gone_by_now_does_not_spoil_the_first_answer(office: Office) -> None:
    """Its name meant a tag then; now it means one to be made, which the first time did not."""
    tag, same = new_id(), uuid4()
    errand = CreateTag(stream=tag, workspace=office.workspace, name="errand")
    await office.one.handle([errand], request())
    first = await office.one.handle([office.new_task(tags=(tag,))], request(command=same))
    await office.one.handle([DeleteTag(stream=tag)], request())
    anew = CreateTag(stream=new_id(), workspace=office.workspace, name="errand")
    again = await office.other.handle(
        [anew, office.new_task(tags=(anew.stream,))], request(command=same)
    )
    assert (again.replayed, again.position) == (True, first.position)
    assert again.stream == first.stream


async def test_what_is_kept_of_a_request_says_nothing_about_it(office: Office) -> None:
    """A hash of something short is guessed in no time, unless a key goes into it."""
    asked = request(command=uuid4(), content="a hash of the body")
    await office.one.handle([office.new_task()], asked)
    record = await office.log.store.command(asked.command_id)
    assert record is not None
    assert len(record.fingerprint) == 32
    assert asked.fingerprint not in record.fingerprint


async def test_two_streams_of_one_request_cannot_want_the_same_name(office: Office) -> None:
    tags = [
        CreateTag(stream=new_id(), workspace=office.workspace, name=name)
        for name in ("caf\u00e9", "cafe\u0301")
    ]
    head = await office.log.store.head()
    with pytest.raises(Conflict) as refusal:
        await office.one.handle(tags, request())
    assert (refusal.value.code, refusal.value.index) == ("tag-taken", 1)
    assert await office.log.store.head() == head


async def test_a_stale_version_among_several_names_its_command(office: Office) -> None:
    tasks = [await office.task() for _ in range(3)]
    edits = [EditTask(stream=task, title="Write more") for task in tasks]
    await office.other.handle([edits[1]], request())
    with pytest.raises(Stale) as refusal:
        await office.one.handle(edits, request(versions=dict.fromkeys(tasks, 1)))
    assert (refusal.value.index, refusal.value.field) == (1, "version")


async def test_a_request_of_too_many_events_is_refused_as_too_large(office: Office) -> None:
    tasks = [office.new_task(status="in_progress", assignee=None) for _ in range(500)]
    outcome = await office.one.handle(tasks, request())
    assert outcome.event_count == 1_000
    head = await office.log.store.head()
    with pytest.raises(TooLarge) as refusal:
        await office.one.handle([office.new_task() for _ in range(1_001)], request())
    assert refusal.value.index == 1_000
    assert await office.log.store.head() == head
