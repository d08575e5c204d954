"""Once a sealing key is lost, what it sealed is gone wherever one looks, and nothing fails."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.tags import CreateTag
from commands.tasks import TASKS, CompleteTask
from events.cloud import decode_cloud_event, encode_cloud_event
from events.envelope import Erased
from events.ids import new_id
from events.refusals import NotFound
from infra.clock import utc_now
from infra.verify import verify_log
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from projections.verify import verify
from queries.history import data_of, history_page, names_of, summary_of
from queries.search import search
from queries.tasks import Asked, TaskFilter, get_task, list_tasks
from queries.workspaces import list_members, list_workspaces
from tests.support.log import Log, open_log
from tests.support.office import MEMBER, OWNER, Office, request


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def office(log: Log) -> Office:
    office = Office(log)
    await office.open()
    return office


async def lose_key(log: Log, owner: UUID) -> None:
    """And begin anew without what was in memory, as after a restart."""
    await log.execute("DELETE FROM secrets WHERE owner = $1 AND kind = 'sealing-key'", owner)
    log.keys.forget(owner)
    for projection in PROJECTIONS:
        await rebuild(log.pool, projection, log.reader)


async def test_a_workspace_without_its_key_holds_nothing_any_more(log: Log, office: Office) -> None:
    tag = CreateTag(stream=new_id(), workspace=office.workspace, name="secret tag")
    await office.one.handle([tag], request())
    same, task = uuid4(), office.new_task(tags=(tag.stream,), description="secret plan")
    made = await office.one.handle([task], request(command=same))
    await lose_key(log, office.workspace)
    handler = office.handler()
    for command in (CompleteTask(stream=task.stream), office.new_task()):
        with pytest.raises(NotFound):
            await handler.handle([command], request())
    folded = await handler.load(task.stream, TASKS)
    assert (folded.version, folded.owner, folded.state) == (2, office.workspace, TASKS.initial)
    again = await handler.handle([office.new_task()], request(command=same))
    assert (again.stream.id, again.position) == (task.stream, made.position)
    assert again.stream.state == TASKS.initial

    pool = log.pool
    of: dict[str, Any] = {"log": log.log_id, "account": OWNER}
    page = await list_tasks(pool, Asked(wanted=TaskFilter(), now=utc_now(), **of))
    assert page.items == []
    assert (await search(pool, text="secret", **of)).items == []
    assert (await list_workspaces(pool, **of)).items == []
    with pytest.raises(NotFound):
        await get_task(pool, account=OWNER, task=task.stream, now=utc_now())
    with pytest.raises(NotFound):
        await history_page(log.reader, pool, noun="task", id=task.stream, limit=9, **of)


async def test_an_erased_event_goes_out_without_its_data(log: Log, office: Office) -> None:
    task = await office.task()
    await lose_key(log, office.workspace)
    for event in await log.reader.stream(task):
        assert event.fact == Erased(event.topic)
        assert data_of(event) is None
        assert summary_of(event) == "created"
        payload = encode_cloud_event(event, log.log_id)
        assert b'"data":' not in payload
        assert decode_cloud_event(payload).fact == event.fact


async def test_what_an_erased_person_did_in_a_team_stays_and_their_name_goes(
    log: Log, office: Office
) -> None:
    made = await office.one.handle([office.new_task()], request(MEMBER))
    await lose_key(log, MEMBER)
    handler, task = office.handler(), made.stream.id
    done = await handler.handle([CompleteTask(stream=task)], request())
    assert done.stream.state.title == "Write"
    events, _ = await history_page(
        log.reader, log.pool, log=log.log_id, account=OWNER, noun="task", id=task, limit=9
    )
    assert [event.actor for event in events] == [MEMBER, OWNER]
    assert await names_of(log.pool, [MEMBER]) == {}
    members = await list_members(log.pool, log=log.log_id, workspace=office.workspace)
    assert [(row.account, row.full_name, row.email) for row in members.items] == [
        (OWNER, "", ""),
        (MEMBER, "", ""),
    ]


async def test_the_log_and_its_read_models_hold_without_the_key(log: Log, office: Office) -> None:
    for _ in range(3):
        await office.task()
    await lose_key(log, office.workspace)
    assert [finding async for finding in verify_log(log.pool, keys=log.keys)] == []
    found = [await verify(log.pool, projection, log.reader) for projection in PROJECTIONS]
    assert [comparison.differing for comparison in found] == [0] * len(PROJECTIONS)
