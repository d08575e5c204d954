"""What a check list needs over HTTP: boxes to tick, its own tags, and how much is done."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing

Json = dict[str, Any]


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def task(person: Person, **fields: Any) -> str:
    return str((await person.made("/v1/tasks", {"title": "Buy milk", **fields}))["id"])


async def statistics(person: Person, question: str = "") -> Json:
    answer = await person.ask("GET", f"/v1/statistics{question}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Tasktrail-Position"]
    found: Json = answer.json()
    return found


async def test_a_box_is_ticked_and_cleared(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    id = await task(ada)
    shown = [(await ada.ask("POST", f"/v1/tasks/{id}/toggle")).json() for _ in range(3)]
    assert [each["status"] for each in shown] == ["completed", "todo", "completed"]
    assert [each["version"] for each in shown] == [2, 3, 4]
    assert [each["completed_at"] is None for each in shown] == [False, True, False]


async def test_the_same_click_sent_twice_toggles_once(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    id = await task(ada)
    answers = [
        await ada.ask("POST", f"/v1/tasks/{id}/toggle", Idempotency_Key="click") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert (await ada.ask("GET", f"/v1/tasks/{id}")).json()["status"] == "completed"


async def test_a_box_is_toggled_from_the_state_that_was_seen(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    id = await task(ada)
    assert (await ada.ask("POST", f"/v1/tasks/{id}/toggle", If_Match='"1"')).status_code == 200
    stale = await ada.ask("POST", f"/v1/tasks/{id}/toggle", If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")


async def test_nobody_ticks_the_boxes_of_others(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    answer = await eve.ask("POST", f"/v1/tasks/{await task(ada)}/toggle")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_tag_stays_when_no_task_carries_it(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    kept, gone = await task(ada, tags=["home", "Work"]), await task(ada, tags=["home", "rare"])
    await task(eve, tags=["home"])
    await ada.ask("DELETE", f"/v1/tasks/{gone}")
    listed = (await ada.ask("GET", "/v1/tags")).json()["items"]
    assert [(tag["name"], tag["tasks"]) for tag in listed] == [
        ("Work", 1),
        ("home", 1),
        ("rare", 0),
    ]
    await ada.ask("PATCH", f"/v1/tasks/{kept}", {"tags": []})
    listed = (await ada.ask("GET", "/v1/tags")).json()["items"]
    assert [(tag["name"], tag["tasks"]) for tag in listed] == [
        ("Work", 0),
        ("home", 0),
        ("rare", 0),
    ]


async def test_the_statistics_count_what_is_there(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    await task(ada, priority="high", tags=["home", "Work"], due="2020-01-01")
    await task(ada, tags=["home"], due="9000-01-01")
    done = await task(ada, priority="low", tags=["home"], due="2020-01-01")
    gone = await task(ada, priority="urgent", tags=["rare"], due="2020-01-01")
    await ada.ask("POST", f"/v1/tasks/{done}/toggle")
    await ada.ask("DELETE", f"/v1/tasks/{gone}")
    found = await statistics(ada)
    tags = found.pop("by_tag")
    [home] = [
        each for each in (await ada.ask("GET", "/v1/tags")).json()["items"] if each["tasks"] > 1
    ]
    assert [(tag["name"], tag["tasks"]) for tag in tags] == [("Work", 1), ("home", 3)]
    assert (tags[1]["tag"], tags[1]["colour"]) == (home["id"], home["colour"])
    assert found == {
        "workspace": home["workspace"],
        "total": 3,
        "completed": 1,
        "incomplete": 2,
        "overdue": 1,
        "completion_rate": 33.3,
        "by_priority": {"low": 1, "medium": 1, "high": 1, "urgent": 0},
    }


async def test_the_statistics_of_nothing_are_zero(api: httpx.AsyncClient) -> None:
    found = await statistics(await register(api, "ada"))
    assert (found["total"], found["completion_rate"], found["by_tag"]) == (0, 0.0, [])


async def test_each_toggle_shows_in_the_statistics_at_once(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    id = await task(ada)
    for completed in (1, 0, 1):
        await ada.ask("POST", f"/v1/tasks/{id}/toggle")
        found = await statistics(ada)
        assert (found["completed"], found["incomplete"]) == (completed, 1 - completed)


async def test_statistics_are_of_one_workspace_and_its_members(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    await task(ada, workspace=home)
    await task(ada)
    assert (await statistics(eve, f"?workspace={home}&min_position=head"))["total"] == 1
    assert (await statistics(eve))["total"] == 0
    mallory = await register(api, "mallory")
    for workspace in (home, uuid4()):
        answer = await mallory.ask("GET", f"/v1/statistics?workspace={workspace}")
        assert (answer.status_code, answer.json()["field"]) == (404, "workspace")
    assert (await api.get("/v1/statistics")).status_code == 401
