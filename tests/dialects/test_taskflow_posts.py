"""TaskFlow's posts, row by row: what its frontend sends, and what it reads."""

import asyncio
from typing import Any

import pytest

from events.ids import NUMBER_OFFSET
from tests.support.app import RunningApp
from tests.support.taskflow import POST, PREFIX, Flow, misses, says, signed_up


@pytest.fixture
async def flow(system: RunningApp) -> Flow:
    return await signed_up(system.client)


async def test_a_new_post_is_a_draft_that_nobody_saw(flow: Flow) -> None:
    answer = await flow.ask("POST", "/posts", {"title": "Hello", "content": "text"})
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    post = answer.json()
    assert post.keys() == POST
    assert post["id"] > NUMBER_OFFSET
    assert post["created_at"].endswith("Z")
    assert {k: v for k, v in post.items() if k not in ("id", "created_at", "updated_at")} == {
        "title": "Hello",
        "content": "text",
        "status": "draft",
        "tags": [],
        "view_count": 0,
    }
    assert post["updated_at"] == post["created_at"]


@pytest.mark.parametrize("status", ["draft", "published", "archived"])
async def test_a_post_is_made_with_status_and_tags(flow: Flow, status: str) -> None:
    post = await flow.post(status=status, tags=["tech", "Tech", "b, c", "tech"], view_count=9)
    assert (post["status"], post["view_count"]) == (status, 0)
    assert post["tags"] == ["tech", "Tech", "b, c", "tech"]
    assert (await flow.ask("GET", "/posts")).json() == [post]


async def test_nulls_on_creation_are_defaults_and_spoil_no_list(flow: Flow) -> None:
    post = await flow.post(status=None, tags=None)
    assert (post["status"], post["tags"]) == ("draft", [])
    assert (await flow.ask("GET", "/posts")).json() == [post]


BAD: list[tuple[dict[str, Any], str, list[str | int]]] = [
    ({"title": ""}, "string_too_short", ["title"]),
    ({"title": "a" * 256}, "string_too_long", ["title"]),
    ({"title": 7}, "string_type", ["title"]),
    ({"content": ""}, "string_too_short", ["content"]),
    ({"content": 7}, "string_type", ["content"]),
    ({"status": "lost"}, "string_pattern_mismatch", ["status"]),
    ({"tags": "tech"}, "list_type", ["tags"]),
    ({"tags": ["tech", 7]}, "string_type", ["tags", 1]),
]


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        *BAD,
        ({"title": None}, "string_type", ["title"]),
        ({"content": None}, "string_type", ["content"]),
    ],
)
async def test_a_bad_new_post_names_its_field(
    flow: Flow, changes: dict[str, Any], kind: str, place: list[str | int]
) -> None:
    body = {"title": "Hello", "content": "text", **changes}
    misses(await flow.ask("POST", "/posts", body), kind, "body", *place)


async def test_what_a_new_post_needs_is_named(flow: Flow) -> None:
    for field in ("title", "content"):
        body = {name: "x" for name in ("title", "content") if name != field}
        misses(await flow.ask("POST", "/posts", body), "missing", "body", field)


async def test_a_post_has_room_for_so_many_tags(flow: Flow) -> None:
    body = {"title": "Hello", "content": "text", "tags": [f"{n}" for n in range(51)]}
    says(await flow.ask("POST", "/posts", body), 422, "it may have at most 50 tags")


async def test_the_list_is_a_bare_array_with_the_newest_first(flow: Flow) -> None:
    assert (await flow.ask("GET", "/posts")).json() == []
    made = [await flow.post(title=f"{n}") for n in range(4)]
    await flow.ask("PUT", f"/posts/{made[0]['id']}", {"title": "0!"})
    answer = await flow.ask("GET", "/posts")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()[:3] == made[:0:-1]
    assert answer.json()[3]["title"] == "0!"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?status=draft", ["Draft"]),
        ("?status_filter=published", ["Public"]),
        ("?status=archived", ["100% old"]),
        ("?status=", ["100% old", "Public", "Draft"]),
        ("?search=PUBLIC", ["Public"]),
        ("?search=content%20of%20a%20draft", ["Draft"]),
        ("?search=%25", ["100% old"]),
        ("?search=nothing", []),
        ("?search=a&status=draft", ["Draft"]),
        ("?unknown=1", ["100% old", "Public", "Draft"]),
    ],
)
async def test_filters_work_by_both_of_their_names(
    flow: Flow, query: str, titles: list[str]
) -> None:
    await flow.post(title="Draft", content="content of a draft")
    await flow.post(title="Public", status="published")
    await flow.post(title="100% old", status="archived")
    assert await flow.titles(query, "posts") == titles


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("?search=", "string_too_short", "search"),
        ("?status=lost", "string_pattern_mismatch", "status"),
        ("?status_filter=lost", "string_pattern_mismatch", "status_filter"),
    ],
)
async def test_a_bad_filter_is_named(flow: Flow, query: str, kind: str, field: str) -> None:
    misses(await flow.ask("GET", f"/posts{query}"), kind, "query", field)


async def test_each_reading_of_one_post_is_a_view_and_shows_it(flow: Flow) -> None:
    post = await flow.post(tags=["tech"])
    place = f"/posts/{post['id']}"
    for views in (1, 2, 3):
        answer = await flow.ask("GET", place)
        assert (answer.status_code, answer.json()) == (200, {**post, "view_count": views})
    assert (await flow.ask("GET", "/posts")).json() == [{**post, "view_count": 3}]
    assert (await flow.ask("GET", "/posts")).json() == [{**post, "view_count": 3}]
    changed = (await flow.ask("PUT", place, {"title": "New"})).json()
    assert (changed["title"], changed["view_count"]) == ("New", 3)


async def test_views_at_the_same_time_are_all_counted(flow: Flow) -> None:
    place = f"/posts/{(await flow.post())['id']}"
    answers = await asyncio.gather(*(flow.ask("GET", place) for _ in range(20)))
    assert sorted(answer.json()["view_count"] for answer in answers) == list(range(1, 21))


async def test_a_post_is_changed_and_deleted_by_its_number(flow: Flow) -> None:
    post = await flow.post(tags=["a", "b"])
    place = f"/posts/{post['id']}"
    change = {"title": "New", "content": "two", "status": "published", "tags": ["b", "c", "a"]}
    answer = await flow.ask("PUT", place, change)
    changed = answer.json()
    assert (answer.status_code, changed.keys()) == (200, POST)
    assert changed == {**post, **change, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > post["updated_at"]
    assert (await flow.ask("GET", "/posts")).json() == [changed]
    for status in ("draft", "archived", "published"):
        assert (await flow.ask("PUT", place, {"status": status})).json()["status"] == status
    assert (await flow.ask("PUT", place, {"tags": []})).json()["tags"] == []
    gone = await flow.ask("DELETE", place)
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "PUT", "DELETE"):
        says(await flow.ask(method, place, {}), 404, "Post not found")
    assert (await flow.ask("GET", "/posts")).json() == []


@pytest.mark.parametrize(
    "body", [{}, {"x": 1}, {"title": None, "content": None, "status": None, "tags": None}]
)
async def test_what_is_null_or_not_sent_stays(flow: Flow, body: dict[str, Any]) -> None:
    post = await flow.post(status="published", tags=["a"])
    answer = await flow.ask("PUT", f"/posts/{post['id']}", body)
    assert (answer.status_code, answer.json()) == (200, post)


async def test_posts_of_the_same_title_are_all_published(flow: Flow) -> None:
    made = [await flow.post(status="published") for _ in range(3)]
    assert [post["status"] for post in made] == ["published"] * 3


@pytest.mark.parametrize(("body", "kind", "place"), BAD)
async def test_a_bad_change_names_its_field(
    flow: Flow, body: dict[str, Any], kind: str, place: list[str | int]
) -> None:
    post = await flow.post()
    misses(await flow.ask("PUT", f"/posts/{post['id']}", body), kind, "body", *place)


@pytest.mark.parametrize("number", ["1", "999999999", "9007199254740993", "0", "-1"])
async def test_a_number_of_nothing_is_no_post(flow: Flow, number: str) -> None:
    says(await flow.ask("GET", f"/posts/{number}"), 404, "Post not found")


async def test_what_is_no_number_is_refused(flow: Flow) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await flow.ask(method, "/posts/first", {})
        misses(answer, "int_parsing", "path", "post_id")


async def test_somebody_elses_post_is_not_there_and_is_not_seen(
    system: RunningApp, flow: Flow
) -> None:
    other = await signed_up(system.client)
    post = await other.post(status="published")
    for method in ("GET", "PUT", "DELETE"):
        says(await flow.ask(method, f"/posts/{post['id']}", {}), 404, "Post not found")
    assert (await flow.ask("GET", "/posts")).json() == []
    assert (await other.ask("GET", "/posts")).json() == [post]


async def test_nobody_reads_posts_without_a_token(system: RunningApp) -> None:
    for method, path in (
        ("GET", "/posts"),
        ("POST", "/posts"),
        ("GET", "/posts/1"),
        ("PUT", "/posts/1"),
        ("DELETE", "/posts/1"),
    ):
        answer = await system.client.request(method, PREFIX + path, json={})
        says(answer, 401, "Not authenticated")


async def test_asking_for_the_headers_of_a_post_is_no_view(flow: Flow) -> None:
    post = await flow.post()
    assert (await flow.ask("HEAD", f"/posts/{post['id']}")).status_code == 200
    assert (await flow.ask("GET", f"/posts/{post['id']}")).json()["view_count"] == 1
