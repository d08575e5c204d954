"""The whole way: appended, relayed, streamed, projected by all at once, verified."""

from contextlib import AsyncExitStack

from events.accounts import AccountRegistered
from events.cloud import decode_cloud_event
from events.ids import new_id
from events.tasks import TaskCreated, TaskStarted
from events.workspaces import WorkspaceCreated
from infra.source import EventSource
from projections.catalog import PROJECTIONS
from projections.verify import verify
from tests.support.fanout import open_fanout, running
from tests.support.log import append_facts, append_tasks
from tests.support.projections import Projected, projecting


async def test_all_read_models_follow_the_stream(database: str, nats_url: str) -> None:
    async with open_fanout(database, nats_url) as fanout, AsyncExitStack() as stack:
        log, owner, projected = fanout.log, new_id(), Projected()
        await stack.enter_async_context(running(fanout.relay))
        source = EventSource(fanout.nats, log.reader, decode_cloud_event, prefix=fanout.prefix)
        for projection in PROJECTIONS:
            following = projecting(log, projection, projected, source=source)
            await stack.enter_async_context(following)
        registered = AccountRegistered(email="ada@example.org", username=None, full_name="Ada")
        await append_facts(log, [registered], stream=owner, owner=owner)
        created = WorkspaceCreated(name="Home", time_zone="UTC", owner=owner)
        await append_facts(log, [created], owner=owner)
        await append_tasks(log, 100, owner=owner)
        done = await append_facts(log, [TaskCreated(title="last"), TaskStarted()], owner=owner)
        for projection in PROJECTIONS:
            await projected.reach(projection.name, done.last_position)
        found = [await verify(log.pool, projection, log.reader) for projection in PROJECTIONS]
    assert [comparison.differing for comparison in found] == [0] * len(PROJECTIONS)
    rows = {comparison.projection: comparison.rows for comparison in found if comparison.rows}
    assert rows == {
        "accounts": 1,
        "workspaces": 2,
        "tasks": 101,
        "search": 101,
        "activity": 103,
    }
