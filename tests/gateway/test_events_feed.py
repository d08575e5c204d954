"""`GET /v1/events`: the log in pages, as far as the caller may see it."""

import asyncio
from typing import Any

import pytest

from tests.support.app import RunningApp
from tests.support.streaming import Person, person


@pytest.fixture
async def ada(served: RunningApp) -> Person:
    return await person(served)


async def page(who: Person, **parameters: Any) -> dict[str, Any]:
    answer = await who.app.client.get("/v1/events", params=parameters, headers=who.headers)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    assert answer.headers["Tasktrail-Position"] == str(content["position"])
    assert f"after={content['next'].replace('@', '%40')}" in answer.headers["Link"]
    return content


async def pages(who: Person, **parameters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after: str | int = parameters.pop("after", 0)
    while True:
        found = await page(who, after=after, **parameters)
        items += found["items"]
        if after == found["next"]:
            return items
        after = found["next"]


async def test_pages_show_everything_once_and_in_order(ada: Person) -> None:
    made = [await ada.adds() for _ in range(7)]
    items = await pages(ada, limit=2)
    assert [item["position"] for item in items if item["type"] == "task.created"] == made
    kinds = [item["type"] for item in items[:3]]
    assert kinds == ["account.registered", "workspace.created", "session.opened"]
    assert items[0]["data"]["full_name"] == "Ada Lovelace"
    assert items[-1]["actor"] == ada.id


async def test_what_one_did_is_there_at_once(ada: Person) -> None:
    for _ in range(5):
        position = await ada.adds()
        assert (await page(ada, after=position - 1))["items"][0]["position"] == position


async def test_others_events_are_passed_over_but_pages_advance(
    served: RunningApp, ada: Person
) -> None:
    eve = await person(served)
    start = await eve.adds()
    last = await ada.adds_many(5)
    found = await page(eve, after=start)
    assert found["items"] == []
    assert found["position"] >= last


async def test_filters_narrow_it(served: RunningApp, ada: Person) -> None:
    team = await ada.opens_workspace()
    task = (await ada.does("POST", "/v1/tasks", title="x", workspace=team)).json()["id"]
    await ada.does("POST", f"/v1/tasks/{task}/start")
    await ada.adds()
    in_team = await pages(ada, workspace=team)
    assert [item["type"] for item in in_team] == [
        "workspace.created",
        "task.created",
        "task.started",
    ]
    of_task = await pages(ada, resource=f"task/{task}")
    assert of_task == in_team[1:]
    assert {item["type"] for item in await pages(ada, noun=["session", "account"])} == {
        "account.registered",
        "session.opened",
    }


async def test_who_waits_is_answered_when_something_happens(ada: Person) -> None:
    start = (await ada.does("GET", "/v1/events?limit=200")).json()["next"]
    waiting = asyncio.create_task(page(ada, after=start, wait=20))
    position = await ada.adds()
    async with asyncio.timeout(10):
        found = await waiting
    assert [item["position"] for item in found["items"]] == [position]


async def test_who_waits_in_vain_is_told_so(ada: Person) -> None:
    start = (await ada.does("GET", "/v1/events?limit=200")).json()["next"]
    found = await page(ada, after=start, wait=0.2)
    assert found["items"] == []


async def test_waiting_heeds_the_filter(ada: Person) -> None:
    start = (await ada.does("GET", "/v1/events?limit=200")).json()["next"]
    waiting = asyncio.create_task(page(ada, after=start, wait=20, noun="workspace"))
    await ada.adds_many(3)
    assert not waiting.done()
    team = await ada.opens_workspace()
    async with asyncio.timeout(10):
        found = await waiting
    assert [item["workspace"] for item in found["items"]] == [team]


async def test_a_removed_member_sees_nothing_of_it_any_more(
    served: RunningApp, ada: Person
) -> None:
    eve, team = await person(served), await ada.opens_workspace()
    await ada.invites(eve, team)
    await ada.adds("shared", team)
    assert len(await pages(eve, workspace=team)) == 3
    await ada.removes(eve, team)
    assert team not in {item.get("workspace") for item in await pages(eve)}
    answer = await served.client.get("/v1/events", params={"workspace": team}, headers=eve.headers)
    assert answer.status_code == 404
