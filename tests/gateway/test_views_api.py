"""Views of posts over HTTP, and what the live stream tells of notes and posts."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing
from tests.support.streaming import person, socket_to

Json = dict[str, Any]


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def post_of(person: Person, **more: Any) -> tuple[str, Json]:
    made = await person.made("/v1/posts", {"title": "Hello, world", "content": "text", **more})
    return f"/v1/posts/{made['id']}", made


async def test_each_view_counts_once_and_leaves_the_post_alone(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve, role="viewer")
    place, post = await post_of(ada, workspace=home)
    answers = await asyncio.gather(
        *(person.ask("POST", f"{place}/views") for person in (ada, eve) for _ in range(15))
    )
    assert [answer.status_code for answer in answers] == [200] * 30
    assert sorted(answer.json()["views"] for answer in answers) == list(range(1, 31))
    assert answers[0].json()["post"] == post["id"]
    one = await ada.ask("GET", f"{place}?min_position=head")
    assert one.json() == {**post, "views": 30}
    assert one.headers["ETag"] == f'"{post["version"]}"'
    edited = await ada.ask("PATCH", place, {"title": "New"}, If_Match=one.headers["ETag"])
    assert (edited.status_code, edited.json()["views"]) == (200, 30)
    items = (await ada.ask("GET", f"{place}/history")).json()["items"]
    assert [line["type"] for line in items] == ["post.created", "post.edited"]


async def test_the_same_view_sent_twice_is_one(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place, _ = await post_of(ada)
    first = await ada.ask("POST", f"{place}/views", Idempotency_Key="v1")
    await ada.ask("POST", f"{place}/views")
    again = await ada.ask("POST", f"{place}/views", Idempotency_Key="v1")
    assert (first.json()["views"], again.json()["views"]) == (1, 1)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await ada.ask("GET", place)).json()["views"] == 2


async def test_a_view_asks_for_no_version(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place, _ = await post_of(ada)
    answer = await ada.ask("POST", f"{place}/views", If_Match='"99"')
    assert (answer.status_code, answer.json()["views"]) == (200, 1)


async def test_subscribers_hear_of_what_they_asked_for(served: RunningApp) -> None:
    ada = await person(served)
    headers = {"Authorization": f"Bearer {ada.token}"}
    wanted = [("noun", "note"), ("noun", "post")]
    async with socket_to(served, ada.token, wanted) as stream:
        await stream.heard("live")

        async def sends(path: str, body: Json | None = None) -> Json:
            answer = await served.client.post(path, json=body, headers=headers)
            assert answer.status_code in (200, 201), answer.text
            sent: Json = answer.json()
            return sent

        await sends("/v1/tasks", {"title": "Neither"})
        note = await sends("/v1/notes", {"title": "Ideas", "favourite": True})
        post = await sends("/v1/posts", {"title": "Hello", "content": "text"})
        await sends(f"/v1/posts/{post['id']}/views")
        await sends(f"/v1/posts/{post['id']}/publish")
        published = await stream.heard("post.published")
        assert published["subject"] == f"post/{post['id']}"
        assert published["data"] == {"slug": "hello"}
        assert [event["type"] for event in stream.events] == [
            "note.created",
            "note.favourited",
            "post.created",
            "post.published",
        ]
        assert stream.events[0]["subject"] == f"note/{note['id']}"


async def test_views_are_heard_by_who_asks_for_them(served: RunningApp) -> None:
    ada = await person(served)
    headers = {"Authorization": f"Bearer {ada.token}"}
    async with socket_to(served, ada.token, [("noun", "view")]) as stream:
        await stream.heard("live")
        body = {"title": "Hello", "content": "text"}
        post = (await served.client.post("/v1/posts", json=body, headers=headers)).json()
        for _ in range(2):
            await served.client.post(f"/v1/posts/{post['id']}/views", headers=headers)
        second = await stream.heard("view.counted", 2)
        assert second["data"] == {"post": post["id"], "count": 2}
