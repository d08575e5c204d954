"""Reminding of overdue tasks over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing

Json = dict[str, Any]
LATE = "2020-01-01"


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def late(person: Person, **fields: Any) -> str:
    """An overdue task."""
    return str((await person.made("/v1/tasks", {"title": "Build", "due": LATE, **fields}))["id"])


async def reminded(person: Person, task: str, **headers: str) -> Json:
    answer = await person.ask("POST", f"/v1/tasks/{task}/remind", **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Tasktrail-Position"]
    found: Json = answer.json()
    return found


async def inbox(person: Person) -> dict[str, Json]:
    page = (await person.ask("GET", "/v1/notifications?min_position=head")).json()
    return {item["id"]: item for item in page["items"]}


async def test_who_reminds_themselves_finds_it_in_their_inbox(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await late(ada)
    reminder = await reminded(ada, task)
    assert (reminder["task"], reminder["account"]) == (task, ada.id)
    item = (await inbox(ada))[reminder["notification"]]
    assert (item["kind"], item["task"], item["read"]) == ("overdue", task, False)
    assert item["summary"] == "“Build” is overdue"


async def test_a_reminder_goes_to_the_assignee_as_often_as_it_is_given(
    api: httpx.AsyncClient,
) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    task = await late(ada, workspace=home, assignee=eve.id, notify_overdue=False)
    ids = {(await reminded(ada, task))["notification"] for _ in range(2)}
    assert len(ids) == 2
    told = await inbox(eve)
    assert ids <= told.keys()
    assert not ids & (await inbox(ada)).keys()


async def test_the_same_request_sent_twice_tells_once(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await late(ada)
    first = await reminded(ada, task, Idempotency_Key="once")
    assert await reminded(ada, task, Idempotency_Key="once") == first


async def test_only_members_remind_and_only_of_what_is_overdue(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    task = await late(ada)
    for who, id in ((eve, task), (ada, str(uuid4()))):
        answer = await who.ask("POST", f"/v1/tasks/{id}/remind")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    await ada.ask("POST", f"/v1/tasks/{task}/complete")
    answer = await ada.ask("POST", f"/v1/tasks/{task}/remind")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-overdue")
