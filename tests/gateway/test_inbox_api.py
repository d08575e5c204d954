"""Notifications over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing

Json = dict[str, Any]
HEAD = "min_position=head"


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def inbox(person: Person, query: str = "") -> Json:
    answer = await person.ask("GET", f"/v1/notifications?{HEAD}&{query}")
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


async def kinds(person: Person) -> list[str]:
    return [item["kind"] for item in (await inbox(person))["items"]]


async def assigned_to(eve: Person, ada: Person, home: str, title: str = "Build") -> Json:
    return await ada.made("/v1/tasks", {"title": title, "workspace": home, "assignee": eve.id})


async def test_an_assignment_is_told_to_the_assignee_alone(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    task = await assigned_to(eve, ada, home)
    page = await inbox(eve)
    (item,) = page["items"]
    assert item["summary"] == "Ada assigned you “Build”"
    assert (item["kind"], item["read"], item["task"]) == ("assigned", False, task["id"])
    assert item["actor"] == {"id": ada.id, "full_name": "Ada"}
    assert (page["unread_count"], page["next_cursor"]) == (1, None)
    assert await inbox(ada) == {"items": [], "next_cursor": None, "unread_count": 0}


async def test_comments_and_mentions_are_told_once(api: httpx.AsyncClient) -> None:
    ada, eve, bob = [await register(api, name) for name in ("ada", "eve", "bob")]
    home = await sharing(ada, eve, bob)
    task = await assigned_to(eve, ada, home)
    place = f"/v1/tasks/{task['id']}/comments"
    comment = await eve.made(place, {"content": f"@{bob.username} @{eve.username} look"})
    assert await kinds(ada) == ["commented"]
    assert await kinds(bob) == ["mentioned"]
    assert await kinds(eve) == ["assigned"]
    (told,) = (await inbox(bob))["items"]
    assert (told["comment"], told["task_title"]) == (comment["id"], "Build")
    change = {"content": f"@{bob.username} @{ada.username} look"}
    await eve.ask("PATCH", f"/v1/comments/{comment['id']}", change)
    assert await kinds(ada) == ["mentioned", "commented"]
    assert await kinds(bob) == ["mentioned"]


async def test_notifications_are_read_one_by_one_and_all_at_once(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    for title in ("one", "two", "three"):
        await assigned_to(eve, ada, home, title)
    three, two, one = (await inbox(eve))["items"]
    assert [item["task_title"] for item in (three, two, one)] == ["three", "two", "one"]
    for _ in range(2):
        answer = await eve.ask("POST", f"/v1/notifications/{two['id']}/read")
        assert (answer.status_code, answer.json()) == (200, {**two, "read": True})
    assert (await inbox(eve))["unread_count"] == 2
    unread = await inbox(eve, "unread=true")
    assert unread["items"] == [three, one]
    assert (await inbox(eve, "unread=false"))["items"] == [{**two, "read": True}]
    seen = f"/v1/notifications/read-all?up_to={one['position']}"
    assert (await eve.ask("POST", seen)).status_code == 204
    assert (await inbox(eve, "unread=true"))["items"] == [three]
    first = await eve.ask("POST", "/v1/notifications/read-all")
    again = await eve.ask("POST", "/v1/notifications/read-all")
    assert (first.status_code, again.status_code) == (204, 204)
    assert first.headers["Tasktrail-Position"] == again.headers["Tasktrail-Position"]
    assert (await inbox(eve))["unread_count"] == 0
    await assigned_to(eve, ada, home, "four")
    assert (await inbox(eve))["unread_count"] == 1


async def test_a_key_stands_for_the_position_too(api: httpx.AsyncClient) -> None:
    """Another one with the same key was said to be done, and was not."""
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    for name in ("one", "two"):
        await assigned_to(eve, ada, home, name)
    two, one = (each["position"] for each in (await inbox(eve))["items"])
    path, key = "/v1/notifications/read-all?up_to=", {"Idempotency-Key": "seen"}
    for _ in range(2):
        assert (await eve.ask("POST", f"{path}{one}", **key)).status_code == 204
    answer = await eve.ask("POST", f"{path}{two}", **key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert (await inbox(eve))["unread_count"] == 1


async def test_the_inbox_is_paged(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    for number in range(5):
        await assigned_to(eve, ada, home, f"number {number}")
    whole = (await inbox(eve))["items"]
    seen: list[Json] = []
    cursor = ""
    while True:
        page = await inbox(eve, f"limit=2{cursor}")
        seen += page["items"]
        assert page["unread_count"] == 5
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == whole


async def test_the_notification_of_another_is_not_found(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    await assigned_to(eve, ada, await sharing(ada, eve))
    (item,) = (await inbox(eve))["items"]
    for id in (item["id"], uuid4()):
        answer = await ada.ask("POST", f"/v1/notifications/{id}/read")
        assert answer.status_code == 404
    assert (await inbox(eve))["unread_count"] == 1


async def test_who_left_is_told_nothing_any_more(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    task = await assigned_to(eve, ada, home)
    assert await kinds(eve) == ["assigned"]
    await ada.ask("DELETE", f"/v1/tasks/{task['id']}")
    assert await inbox(eve) == {"items": [], "next_cursor": None, "unread_count": 0}
    await ada.ask("POST", f"/v1/tasks/{task['id']}/restore")
    assert await kinds(eve) == ["assigned"]
    await ada.ask("DELETE", f"/v1/workspaces/{home}/members/{eve.id}")
    assert await inbox(eve) == {"items": [], "next_cursor": None, "unread_count": 0}


async def test_preferences_say_what_is_told_where(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    place = "/v1/notifications/preferences"
    both = {"in_app": True, "mail": True}
    usual = dict.fromkeys(("assigned", "commented", "mentioned", "overdue"), both)
    before = await eve.ask("GET", place)
    assert (before.json(), before.headers["ETag"]) == (usual, '"0"')
    wanted = {"assigned": {"in_app": False}}
    answer = await eve.ask("PUT", place, wanted, If_Match='"0"')
    assert answer.json() == {**usual, "assigned": {"in_app": False, "mail": True}}
    assert (await eve.ask("GET", place)).json() == answer.json()
    assert (await eve.ask("GET", place)).headers["ETag"] == answer.headers["ETag"] == '"1"'
    assert (await eve.ask("PUT", place, usual, If_Match='"0"')).status_code == 412
    task = await assigned_to(eve, ada, home)
    await ada.made(f"/v1/tasks/{task['id']}/comments", {"content": "soon"})
    assert await kinds(eve) == ["commented"]
    assert (await eve.ask("PUT", place, {})).json() == usual
    assert await kinds(eve) == ["commented", "assigned"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "preferences", {"assigned": {"sms": True}}),
        ("PUT", "preferences", {"praised": {}}),
        ("PUT", "preferences", {"assigned": {"mail": "yes"}}),
        ("POST", "read-all?up_to=-1", None),
        ("POST", "read-all?up_to=x", None),
        ("POST", "nothing/read", None),
        ("GET", "?cursor=x", None),
    ],
)
async def test_bad_requests_are_refused(
    api: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    eve = await register(api, "eve")
    where = f"/v1/notifications{'' if path.startswith('?') else '/'}{path}"
    assert (await eve.ask(method, where, body)).status_code in (400, 404, 422)
    assert (await api.request(method, where, json=body)).status_code in (401, 404)
