"""A due moment passes while the whole system runs."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.support.app import RunningApp
from tests.support.people import register


async def test_the_assignee_is_told_at_the_moment(served: RunningApp) -> None:
    eve = await register(served.client, "eve")
    due = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    task = await eve.made("/v1/tasks", {"title": "Build", "due": due})
    assert not task["overdue"]
    path = "/v1/notifications?min_position=head"
    async with asyncio.timeout(15):
        while not (page := (await eve.ask("GET", path)).json())["items"]:
            pass
    (item,) = page["items"]
    assert (item["kind"], item["summary"]) == ("overdue", "“Build” is overdue")
    assert (item["task"], item["actor"]) == (task["id"], None)
    shown = await eve.ask("GET", f"/v1/tasks/{task['id']}")
    assert (shown.json()["overdue"], shown.headers["ETag"]) == (True, '"1"')
    events = (await eve.ask("GET", "/v1/events?after=0&noun=task")).json()["items"]
    announced = events[-1]
    assert announced["type"] == "task.fell_overdue"
    answer = await eve.ask("POST", f"/v1/{announced['subject'].replace('task/', 'tasks/')}/start")
    assert answer.status_code == 404
