"""Comments over HTTP."""

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


async def test_comments_from_the_first_to_the_last(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    task = await ada.made("/v1/tasks", {"title": "Build", "workspace": home})
    place = f"/v1/tasks/{task['id']}/comments"
    answer = await eve.ask("POST", place, {"content": f"**Good**, @{ada.username} @nobody-"})
    assert answer.status_code == 201
    first: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/comments/{first['id']}"
    html = f"<p><strong>Good</strong>, @{ada.username} @nobody-</p>"
    assert first["content_html"] == html
    assert (first["author"], first["mentions"]) == (eve.id, [ada.id])
    assert (first["task"], first["workspace"]) == (task["id"], home)
    second = await ada.made(place, {"content": "Thanks"})
    page = (await ada.ask("GET", f"{place}?min_position=head")).json()
    assert page == {"items": [first, second], "next_cursor": None}
    one = await eve.ask("GET", f"/v1/comments/{first['id']}")
    assert (one.json(), one.headers["ETag"]) == (first, '"1"')
    change = {"content": "Looks great"}
    edited = await eve.ask("PATCH", f"/v1/comments/{first['id']}", change, If_Match='"1"')
    assert edited.status_code == 200
    assert (edited.json()["content"], edited.json()["version"]) == ("Looks great", 2)
    assert edited.json()["edited_at"] is not None
    stale = await eve.ask("PATCH", f"/v1/comments/{first['id']}", change, If_Match='"1"')
    assert stale.status_code == 412
    gone = await eve.ask("DELETE", f"/v1/comments/{first['id']}")
    assert gone.status_code == 204
    assert (await eve.ask("GET", f"/v1/comments/{first['id']}")).status_code == 404
    items = (await eve.ask("GET", place)).json()["items"]
    assert [item["id"] for item in items] == [first["id"], second["id"]]
    assert (items[0]["content"], items[0]["content_html"]) == (None, None)
    assert items[0]["deleted_at"] is not None


async def test_comments_are_paged_oldest_first(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await ada.made("/v1/tasks", {"title": "Talk"})
    place = f"/v1/tasks/{task['id']}/comments"
    made = [await ada.made(place, {"content": f"number {n}"}) for n in range(5)]
    seen: list[Json] = []
    path = f"{place}?limit=2"
    while path:
        answer = await ada.ask("GET", path)
        page = answer.json()
        seen += page["items"]
        path = f"{place}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        assert ("Link" in answer.headers) == bool(path)
    assert seen == made
    other = await ada.made("/v1/tasks", {"title": "Other"})
    cursor = (await ada.ask("GET", f"{place}?limit=2")).json()["next_cursor"]
    answer = await ada.ask("GET", f"/v1/tasks/{other['id']}/comments?cursor={cursor}")
    assert answer.status_code == 422


async def test_who_may_do_what(api: httpx.AsyncClient) -> None:
    ada, eve, mallory = [await register(api, name) for name in ("ada", "eve", "mallory")]
    home = await sharing(ada, eve)
    task = await ada.made("/v1/tasks", {"title": "Build", "workspace": home})
    place = f"/v1/tasks/{task['id']}/comments"
    comment = f"/v1/comments/{(await ada.made(place, {'content': 'mine'}))['id']}"
    outside: list[tuple[Person, str, str, Json | None, int]] = [
        (mallory, "GET", place, None, 404),
        (mallory, "POST", place, {"content": "hello"}, 404),
        (mallory, "GET", comment, None, 404),
        (mallory, "PATCH", comment, {"content": "ha"}, 404),
        (mallory, "DELETE", comment, None, 404),
        (eve, "PATCH", comment, {"content": "ha"}, 403),
        (eve, "DELETE", comment, None, 403),
        (ada, "GET", f"/v1/tasks/{uuid4()}/comments", None, 404),
        (ada, "POST", f"/v1/tasks/{uuid4()}/comments", {"content": "hello"}, 404),
        (ada, "PATCH", f"/v1/comments/{task['id']}", {"content": "ha"}, 404),
        (ada, "GET", f"/v1/comments/{uuid4()}", None, 404),
    ]
    for person, method, path, body, status in outside:
        answer = await person.ask(method, path, body)
        assert answer.status_code == status, (method, path, answer.text)
    eves = f"/v1/comments/{(await eve.made(place, {'content': 'hers'}))['id']}"
    assert (await ada.ask("DELETE", eves)).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": ""},
        {"content": "  \n "},
        {"content": "x" * 10_001},
        {"content": "a\x01b"},
        {"content": None},
        {"content": 7},
        {"content": "x", "more": 1},
        {"content": " ".join(f"@somebody{n}" for n in range(101))},
    ],
)
async def test_a_bad_comment_is_refused_by_name(api: httpx.AsyncClient, body: Json) -> None:
    ada = await register(api, "ada")
    task = await ada.made("/v1/tasks", {"title": "Build"})
    place = f"/v1/tasks/{task['id']}/comments"
    answer = await ada.ask("POST", place, body)
    assert answer.status_code == 422, answer.text
    assert "content" in answer.text or "more" in answer.text
    assert (await ada.ask("GET", place)).json()["items"] == []


async def test_a_comment_goes_with_its_task(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await ada.made("/v1/tasks", {"title": "Build"})
    place = f"/v1/tasks/{task['id']}/comments"
    comment = await ada.made(place, {"content": "hm"})
    assert (await ada.ask("DELETE", f"/v1/tasks/{task['id']}")).status_code == 204
    assert (await ada.ask("GET", place)).status_code == 404
    assert (await ada.ask("GET", f"/v1/comments/{comment['id']}")).status_code == 404
    assert (await ada.ask("POST", place, {"content": "late"})).status_code == 404
    await ada.ask("POST", f"/v1/tasks/{task['id']}/restore")
    assert (await ada.ask("GET", place)).json()["items"] == [comment]


async def test_a_repeated_comment_is_one_comment(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await ada.made("/v1/tasks", {"title": "Build"})
    place = f"/v1/tasks/{task['id']}/comments"
    first, again = [
        await ada.ask("POST", place, {"content": "once"}, Idempotency_Key="k") for _ in range(2)
    ]
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await ada.ask("GET", place)).json()["items"]) == 1


async def test_comments_are_found_with_their_task(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    task = await ada.made("/v1/tasks", {"title": "Mill", "description": "brass"})
    comment = await ada.made(f"/v1/tasks/{task['id']}/comments", {"content": "brass & iron"})
    hits = (await ada.ask("GET", "/v1/search?q=bra&noun=comment")).json()["items"]
    assert [(hit["id"], hit["task"], hit["title"]) for hit in hits] == [
        (comment["id"], task["id"], "Mill")
    ]
    assert hits[0]["snippet_html"] == "<mark>brass</mark> &amp; iron"
    both = (await ada.ask("GET", "/v1/search?q=brass")).json()["items"]
    assert {(hit["noun"], hit["task"]) for hit in both} == {
        ("comment", task["id"]),
        ("task", None),
    }
    await ada.ask("DELETE", f"/v1/tasks/{task['id']}")
    assert (await ada.ask("GET", "/v1/search?q=brass")).json()["items"] == []
