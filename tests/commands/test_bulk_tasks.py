"""Many task commands in one request over HTTP: each for itself, or all or nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.api import bearer, settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database

BULK = "/v1/tasks/bulk"
Json = dict[str, Any]


class Desk:
    """Somebody signed in, and what they ask for."""

    def __init__(self, api: httpx.AsyncClient, tokens: Json) -> None:
        self._api = api
        self._tokens = tokens

    async def ask(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        return await self._api.request(
            method, path, json=json, headers=bearer(self._tokens, **headers)
        )

    async def create(self, *tasks: Json, **fields: Any) -> httpx.Response:
        key = {"Idempotency_Key": fields.pop("key")} if "key" in fields else {}
        return await self.ask("POST", BULK, {"tasks": tasks, **fields}, **key)

    async def edit(self, *tasks: Json, **fields: Any) -> httpx.Response:
        key = {"Idempotency_Key": fields.pop("key")} if "key" in fields else {}
        return await self.ask("PATCH", BULK, {"tasks": tasks, **fields}, **key)

    async def task(self, **fields: Any) -> Json:
        made: Json = (await self.ask("POST", "/v1/tasks", {"title": "one", **fields})).json()
        return made

    async def titles(self) -> list[str]:
        page = (await self.ask("GET", "/v1/tasks?sort=title&order=asc&limit=200")).json()
        return [task["title"] for task in page["items"]]


@pytest.fixture(scope="module")
async def served(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    async with (
        fresh_database(postgres_url) as url,
        running_app(settings_for(url, nats_url), worker=True) as running,
    ):
        yield running


@pytest.fixture
async def desk(served: RunningApp) -> Desk:
    return Desk(served.client, await served.register())


def statuses(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["index"] for item in items] == list(range(len(items)))
    return [item["status"] for item in items]


async def test_each_item_has_its_own_outcome(desk: Desk) -> None:
    stranger = str(uuid4())
    answer = await desk.create(
        {"title": "good", "status": "completed"},
        {"title": "for a stranger", "assignee": stranger},
        {"title": "elsewhere", "workspace": stranger},
        {"title": "backwards", "start": "2026-12-02", "due": "2026-12-01"},
        {"title": "good too", "tags": ["errand"]},
    )
    assert statuses(answer) == [201, 422, 404, 422, 201]
    items = answer.json()["items"]
    assert [item["task"] and item["task"]["title"] for item in items] == [
        "good",
        None,
        None,
        None,
        "good too",
    ]
    codes = [item["problem"] and item["problem"]["code"] for item in items]
    assert codes == [None, "assignee-not-a-member", "not-found", "start-after-due", None]
    assert items[1]["problem"]["field"] == "assignee"
    assert await desk.titles() == ["good", "good too"]
    last = max(item["task"]["number"] for item in items if item["task"])
    assert int(answer.headers["Tasktrail-Position"]) >= last - 1_000_000_000


async def test_all_or_nothing_names_the_one_at_fault(desk: Desk) -> None:
    tasks: list[Json] = [{"title": f"task {number}", "tags": ["new"]} for number in range(5)]
    bad: list[Json] = [
        *tasks[:3],
        {"title": "backwards", "start": "2026-12-02", "due": "2026-12-01"},
        tasks[4],
    ]
    refused = await desk.create(*bad, atomic=True)
    assert refused.status_code == 422
    problem = refused.json()
    assert (problem["index"], problem["field"]) == (3, "start")
    assert await desk.titles() == []
    made = await desk.create(*tasks, atomic=True)
    assert statuses(made) == [201] * 5
    assert await desk.titles() == [task["title"] for task in tasks]


async def test_all_or_nothing_holds_for_changes_too(desk: Desk) -> None:
    one, two = await desk.task(), await desk.task()
    refused = await desk.edit(
        {"id": one["id"], "title": "changed"},
        {"id": two["id"], "title": "changed", "version": 7},
        atomic=True,
    )
    assert refused.status_code == 412
    assert (refused.json()["index"], refused.json()["version"]) == (1, 1)
    assert await desk.titles() == ["one", "one"]
    refused = await desk.edit({"id": one["id"], "title": "x"}, {"id": str(uuid4())}, atomic=True)
    assert (refused.status_code, refused.json()["index"]) == (422, 1)
    edited = await desk.edit(
        {"id": one["id"], "title": "changed", "status": "completed", "version": 1},
        {"id": two["id"], "tags": ["new"], "version": 1},
        atomic=True,
    )
    assert statuses(edited) == [200, 200]
    assert [item["task"]["version"] for item in edited.json()["items"]] == [3, 2]


async def test_each_change_is_made_from_its_own_version(desk: Desk) -> None:
    tasks = [await desk.task() for _ in range(3)]
    answer = await desk.edit(
        {"id": tasks[0]["id"], "title": "a", "version": 1},
        {"id": tasks[1]["id"], "title": "b", "version": 2},
        {"id": tasks[2]["id"], "title": "c"},
        {"id": str(uuid4()), "title": "d"},
    )
    assert statuses(answer) == [200, 412, 200, 404]
    assert answer.json()["items"][1]["problem"]["version"] == 1
    assert await desk.titles() == ["a", "c", "one"]


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_repeated_request_happens_once(desk: Desk, atomic: bool) -> None:
    tasks = [{"title": f"task {number}", "tags": ["new", f"n{number}"]} for number in range(4)]
    first = await desk.create(*tasks, atomic=atomic, key="make")
    again = await desk.create(*tasks, atomic=atomic, key="make")
    assert statuses(first) == [201] * 4
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    ids = [item["task"]["id"] for item in first.json()["items"]]
    patches = [{"id": id, "title": "changed", "version": 3} for id in ids]
    first = await desk.edit(*patches, atomic=atomic, key="edit")
    again = await desk.edit(*patches, atomic=atomic, key="edit")
    assert statuses(first) == [200] * 4
    assert again.json() == first.json()
    assert await desk.titles() == ["changed"] * 4
    other = await desk.create(*tasks[:2], atomic=atomic, key="make")
    codes = {item["problem"]["code"] for item in other.json().get("items", [])}
    assert codes == (set() if atomic else {"idempotency-key-reused"})
    assert other.status_code == (422 if atomic else 200)


async def test_the_same_request_twice_at_once_happens_once(desk: Desk) -> None:
    tasks = [{"title": f"task {number}", "tags": ["new"]} for number in range(6)]
    both = await asyncio.gather(*(desk.create(*tasks, key="once") for _ in range(3)))
    assert both[0].json() == both[1].json() == both[2].json()
    assert len(await desk.titles()) == 6


async def test_a_new_tag_is_made_once_however_many_name_it_at_once(desk: Desk) -> None:
    """Each item begins elsewhere in the same list, so that all are in each other's way."""
    names = [f"tag {number}" for number in range(8)]
    turned = [names[turn:] + names[:turn] for turn in range(8)]
    tasks = [{"title": f"task {number}", "tags": tags} for number, tags in enumerate(turned)]
    answers = await asyncio.gather(
        desk.create(*tasks), desk.create(*tasks, atomic=True), desk.create(*reversed(tasks))
    )
    ids: dict[str, set[str]] = {name: set() for name in names}
    for answer in answers:
        assert statuses(answer) == [201] * 8
        for item in answer.json()["items"]:
            assert len(item["task"]["tags"]) == 8
            for tag in item["task"]["tags"]:
                ids[tag["name"]].add(tag["id"])
    assert [len(found) for found in ids.values()] == [1] * 8


async def test_a_hundred_are_taken_and_one_more_is_not(desk: Desk) -> None:
    tasks = [{"title": f"task {number:03}"} for number in range(101)]
    refused = await desk.create(*tasks)
    assert (refused.status_code, refused.json()["field"]) == (422, "tasks")
    assert await desk.titles() == []
    assert statuses(await desk.create(*tasks[:100], atomic=True)) == [201] * 100
    bodies: list[Json] = [{"tasks": []}, {}, {"tasks": tasks[:1], "all": True}]
    for body in bodies:
        assert (await desk.ask("POST", BULK, body)).status_code == 422


async def test_more_events_than_one_append_holds_are_too_large_together(desk: Desk) -> None:
    tags = [f"tag {number}" for number in range(50)]
    tasks = [{"title": f"task {number}", "tags": tags} for number in range(30)]
    refused = await desk.create(*tasks, atomic=True)
    assert (refused.status_code, refused.json()["code"]) == (413, "too-large")
    assert refused.json()["index"] == 18  # of 51 events each, after 50 of the tags
    assert await desk.titles() == []
    assert statuses(await desk.create(*tasks)) == [201] * 30


async def test_two_changes_to_one_task_are_refused(desk: Desk) -> None:
    """Side by side, nobody could say which of them came last."""
    one, two = await desk.task(), await desk.task()
    for atomic in (False, True):
        refused = await desk.edit(
            {"id": one["id"], "title": "first"},
            {"id": two["id"], "title": "another"},
            {"id": one["id"], "title": "last"},
            atomic=atomic,
        )
        assert refused.status_code == 422
        assert (refused.json()["field"], refused.json()["index"]) == ("tasks/2/id", 2)
    assert await desk.titles() == ["one", "one"]


async def test_one_precondition_for_many_tasks_is_refused(desk: Desk) -> None:
    one = await desk.task()
    for method, item in (("POST", {"title": "x"}), ("PATCH", {"id": one["id"], "title": "x"})):
        refused = await desk.ask(method, BULK, {"tasks": [item]}, If_Match='"1"')
        assert (refused.status_code, refused.json()["field"]) == (422, "If-Match")


async def test_a_change_that_changes_nothing_appends_nothing(desk: Desk) -> None:
    one = await desk.task()
    for atomic in (False, True):
        answer = await desk.edit({"id": one["id"], "title": "one", "version": 1}, atomic=atomic)
        assert answer.json()["items"][0]["task"]["version"] == 1
