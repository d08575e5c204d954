"""A task's past over HTTP, and how new an answer may be asked for."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from events.ids import new_id
from queries import paging
from queries.paging import Cursor
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database


@pytest.fixture(scope="module")
async def served(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    async with (
        fresh_database(postgres_url) as url,
        running_app(settings_for(url, nats_url), worker=True) as running,
    ):
        yield running


@pytest.fixture
async def api(served: RunningApp) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as somebody new."""
    async with httpx.AsyncClient(base_url=served.base) as client:
        client.headers.update(await served.headers())
        yield client


async def test_a_history_pages_through_everything_once(api: httpx.AsyncClient) -> None:
    task = (await api.post("/v1/tasks", json={"title": "Buy milk"})).headers["Location"]
    for change in ("start", "complete", "reopen"):
        await api.post(f"{task}/{change}")
    await api.delete(task)
    whole = (await api.get(f"{task}/history?limit=5")).json()
    assert [item["summary"] for item in whole["items"]] == [
        "created",
        "started",
        "completed",
        "reopened",
        "deleted",
    ]
    assert whole["next_cursor"] is None
    assert {item["actor"]["full_name"] for item in whole["items"]} == {"Ada Lovelace"}
    paged, path = [], f"{task}/history?limit=2"
    while path:
        answer = await api.get(path)
        paged += answer.json()["items"]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert paged == whole["items"]


async def test_a_cursor_of_a_history_is_good_for_that_task_and_log_only(
    api: httpx.AsyncClient,
) -> None:
    one = (await api.post("/v1/tasks", json={"title": "Buy milk"})).headers["Location"]
    await api.post(f"{one}/start")
    other = (await api.post("/v1/tasks", json={"title": "Buy oats"})).headers["Location"]
    cursor = (await api.get(f"{one}/history?limit=1")).json()["next_cursor"]
    assert (await api.get(f"{one}/history", params={"cursor": cursor})).status_code == 200
    for bad in ("1", "x", cursor[:-3]):
        answer = await api.get(f"{one}/history", params={"cursor": bad})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")
    foreign = await api.get(f"{other}/history", params={"cursor": cursor})
    assert (foreign.status_code, foreign.json()["field"]) == (422, "cursor")
    task = one.rpartition("/")[2]
    elsewhere = paging.encode(Cursor(uuid4(), f"history:{task}", "1", new_id()))
    gone = await api.get(f"{one}/history", params={"cursor": elsewhere})
    assert (gone.status_code, gone.json()["code"]) == (410, "log-changed")


async def test_nobody_waits_for_what_has_not_happened(api: httpx.AsyncClient) -> None:
    head = int((await api.get("/v1/tasks?min_position=head")).headers["Tasktrail-Position"])
    assert (await api.get(f"/v1/tasks?min_position={head}")).status_code == 200
    ahead = await api.get(f"/v1/tasks?min_position={head + 1}")
    assert (ahead.status_code, ahead.json()["code"]) == (400, "ahead")
    assert ahead.json()["field"] == "min_position"


async def test_one_sees_ones_own_command_without_asking_for_it(api: httpx.AsyncClient) -> None:
    for number in range(20):
        title = f"task {number}"
        task = (await api.post("/v1/tasks", json={"title": title})).headers["Location"]
        assert (await api.get(task)).json()["title"] == title
        listed = (await api.get("/v1/tasks?limit=1")).json()["items"]
        assert listed[0]["title"] == title
