"""Task Manager's statistics, remembered but never late."""

from datetime import UTC, datetime, timedelta

from gateway.dialects.taskmanager.stats import LIFE
from infra.cache import Cache
from tests.support.app import RunningApp
from tests.support.taskmanager import Manager

YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
NOTHING = {
    "total": 0,
    "completed": 0,
    "incomplete": 0,
    "by_priority": {},
    "by_tag": {},
    "overdue": 0,
}


async def stats(manager: Manager) -> dict[str, object]:
    answer = await manager.ask("GET", "/tasks/stats")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, object] = answer.json()
    return found


async def test_of_nothing_they_are_zero(manager: Manager) -> None:
    assert await stats(manager) == NOTHING


async def test_they_count_ones_own_and_only_what_there_is(
    manager: Manager, stranger: Manager
) -> None:
    await manager.task(priority="high", completed=True, due_date=YESTERDAY, tags=["a", "B"])
    await manager.task(priority="low", due_date=YESTERDAY, tags=["b"])
    await manager.task(priority="high", tags=["a"])
    await stranger.task(priority="medium", tags=["a"])
    assert await stats(manager) == {
        "total": 3,
        "completed": 1,
        "incomplete": 2,
        "by_priority": {"high": 2, "low": 1},
        "by_tag": {"a": 2, "B": 1, "b": 1},
        "overdue": 1,
    }


async def test_every_change_shows_at_once(manager: Manager) -> None:
    """Adding and removing tags did not, there."""
    task = await manager.task()
    path = f"/tasks/{task['id']}"
    assert (await stats(manager))["by_tag"] == {}
    await manager.ask("POST", f"{path}/tags", ["a"])
    assert (await stats(manager))["by_tag"] == {"a": 1}
    await manager.ask("DELETE", f"{path}/tags/a")
    assert (await stats(manager))["by_tag"] == {}
    await manager.ask("PATCH", path, {"completed": True})
    assert (await stats(manager))["completed"] == 1
    await manager.ask("DELETE", path)
    assert await stats(manager) == NOTHING


async def test_they_are_remembered_for_each_user(
    system: RunningApp, manager: Manager, stranger: Manager
) -> None:
    """Anything at all may happen in between, so it may take more than one try."""
    await manager.task()
    cache: Cache = system.app.state["cache"]
    hits = 0
    for _ in range(10):
        first, before = await stats(manager), cache.hits
        assert await stats(manager) == first
        hits = cache.hits - before
        assert await stats(stranger) == NOTHING
        if hits:
            break
    assert hits
    assert timedelta(seconds=300) == LIFE
