"""What TaskHub's lists and analytics answer is remembered, and never for too long."""

from typing import Any

import pytest

from infra.cache import Cache
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.hub import Hub, registration
from tests.support.servers import fresh_database

QUESTIONS = ["/tasks", "/analytics/overview", "/analytics/performance", "/analytics/trends"]


async def hits_of(system: RunningApp, hub: Hub, path: str) -> tuple[int, Any]:
    """How many of two equal questions were answered from memory, and the last answer."""
    cache: Cache = system.app.state["cache"]
    before = cache.hits
    await hub.ask("GET", path)
    answer = await hub.ask("GET", path)
    assert answer.headers["content-type"] == "application/json"
    return cache.hits - before, answer.json()


@pytest.mark.parametrize("path", QUESTIONS)
async def test_an_answer_is_remembered_until_something_happens(
    system: RunningApp, hub: Hub, path: str
) -> None:
    """Whoever asks: but anything at all may happen in between, so it may take more than one try."""
    await hub.task(assigned_to=hub.user["id"])
    for _ in range(10):
        hits, shown = await hits_of(system, hub, path)
        if hits:
            break
    assert hits
    await hub.task(assigned_to=hub.user["id"])
    assert (await hub.ask("GET", path)).json() != shown


async def test_comments_and_files_show_at_once_in_lists_that_were_remembered(hub: Hub) -> None:
    task = await hub.task()
    for number in range(1, 4):
        await hub.ask("GET", "/tasks")
        await hub.ask("POST", f"/tasks/{task['id']}/comments", {"content": "one more"})
        newest, *_ = (await hub.ask("GET", "/tasks")).json()["tasks"]
        assert (newest["id"], len(newest["comments"])) == (task["id"], number)


async def test_what_is_remembered_is_for_members_only(system: RunningApp, hub: Hub) -> None:
    await hub.ask("GET", "/tasks")
    answer = await system.client.get("/taskhub/api/tasks", headers=await system.headers())
    assert answer.status_code == 403


async def test_a_cache_that_is_away_is_not_missed(postgres_url: str, nats_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, redis_url="redis://127.0.0.1:9")
        async with running_app(settings, worker=True) as running:
            answer = await running.client.post("/taskhub/api/auth/register", json=registration())
            hub = Hub(running.client, answer.json()["user"], answer.json()["access_token"])
            task = await hub.task()
            for path in QUESTIONS * 2:
                assert (await hub.ask("GET", path)).status_code == 200
            assert (await hub.ask("GET", "/tasks")).json()["tasks"] == [task]
