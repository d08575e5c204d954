"""Posts over HTTP."""

import asyncio
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


async def titles(person: Person, query: str = "") -> list[str]:
    answer = await person.ask("GET", f"/v1/posts?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def post_of(person: Person, **more: Any) -> tuple[str, Json]:
    made = await person.made("/v1/posts", {"title": "Hello, world", "content": "text", **more})
    return f"/v1/posts/{made['id']}", made


async def test_a_post_from_its_first_word_to_its_last(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    body = {"title": " Hello ", "content": "**one**", "tags": ["red", "blue"]}
    answer = await ada.ask("POST", "/v1/posts", body)
    assert answer.status_code == 201
    post: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/posts/{post['id']}"
    assert (post["title"], post["status"], post["slug"]) == ("Hello", "draft", None)
    assert (post["content_html"], post["views"]) == ("<p><strong>one</strong></p>", 0)
    assert [tag["name"] for tag in post["tags"]] == ["red", "blue"]
    assert (post["created_by"], post["published_at"], post["deleted_at"]) == (ada.id, None, None)
    place = f"/v1/posts/{post['id']}"
    one = await ada.ask("GET", place)
    assert (one.json(), one.headers["ETag"]) == (post, answer.headers["ETag"])
    change = {"content": "two", "status": "published", "tags": ["blue", "red"]}
    edited = await ada.ask("PATCH", place, change, If_Match=one.headers["ETag"])
    assert edited.status_code == 200
    now: Json = edited.json()
    assert (now["content"], now["status"], now["slug"]) == ("two", "published", "hello")
    assert [tag["name"] for tag in now["tags"]] == ["blue", "red"]
    assert (await ada.ask("GET", place)).json() == now
    stale = await ada.ask("PATCH", place, {"title": "x"}, If_Match=one.headers["ETag"])
    assert stale.status_code == 412
    assert (await ada.ask("DELETE", place)).status_code == 204
    assert (await ada.ask("GET", place)).status_code == 404
    assert (await ada.ask("POST", f"{place}/views")).status_code == 404
    restored = await ada.ask("POST", f"{place}/restore")
    assert (restored.status_code, restored.json()["slug"]) == (200, "hello")
    assert (await ada.ask("GET", place)).json() == restored.json()


async def test_a_post_goes_through_its_states(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place, _ = await post_of(ada)
    published = (await ada.ask("POST", f"{place}/publish")).json()
    assert (published["status"], published["slug"]) == ("published", "hello-world")
    first = published["published_at"]
    assert first == published["updated_at"]
    draft = (await ada.ask("POST", f"{place}/unpublish")).json()
    assert (draft["status"], draft["published_at"]) == ("draft", first)
    archived = (await ada.ask("POST", f"{place}/archive")).json()
    assert (archived["status"], archived["slug"]) == ("archived", "hello-world")
    await ada.ask("PATCH", place, {"title": "Good bye"})
    again = (await ada.ask("POST", f"{place}/publish")).json()
    assert (again["slug"], again["published_at"]) == ("hello-world", first)
    assert (await ada.ask("GET", place)).json() == again


async def test_slugs_of_a_workspace_differ(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    slugs = [(await post_of(ada, status="published"))[1]["slug"] for _ in range(3)]
    assert slugs == ["hello-world", "hello-world-2", "hello-world-3"]
    taken = {"title": "x", "content": "text", "slug": "hello-world-2"}
    answer = await ada.ask("POST", "/v1/posts", taken)
    assert (answer.status_code, answer.json()["code"]) == (409, "slug-taken")
    elsewhere = await sharing(ada)
    _, other = await post_of(ada, status="published", workspace=elsewhere)
    assert other["slug"] == "hello-world"
    assert await titles(ada, "slug=hello-world-2") == ["Hello, world"]


async def test_who_publishes_at_the_same_time_gets_different_slugs(
    api: httpx.AsyncClient,
) -> None:
    ada = await register(api, "ada")
    drafts = [(await post_of(ada))[0] for _ in range(6)]
    answers = await asyncio.gather(*(ada.ask("POST", f"{place}/publish") for place in drafts))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.json()["slug"] for answer in answers}) == 6


async def test_a_slug_can_be_chosen_until_the_post_is_published(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place, made = await post_of(ada, slug="first")
    assert made["slug"] == "first"
    assert (await ada.ask("PATCH", place, {"slug": "second"})).json()["slug"] == "second"
    assert (await post_of(ada, slug="first"))[1]["slug"] == "first"
    both = {"slug": "third", "status": "published"}
    assert (await ada.ask("PATCH", place, both)).json()["slug"] == "third"
    settled = await ada.ask("PATCH", place, {"slug": "fourth"})
    assert (settled.status_code, settled.json()["code"]) == (409, "slug-settled")


async def test_a_list_is_narrowed_by_each_filter(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    for title, more in (
        ("Draft", {"content": "nothing at all"}),
        ("Public", {"status": "published", "tags": ["red"]}),
        ("Old", {"status": "archived", "tags": ["blue"]}),
    ):
        place, _ = await post_of(ada, title=title, **more)
    assert await titles(ada) == ["Old", "Public", "Draft"]
    assert await titles(ada, "status=draft&status=archived") == ["Old", "Draft"]
    assert await titles(ada, "tag=red") == ["Public"]
    assert await titles(ada, "q=NOTHING") == ["Draft"]
    assert await titles(ada, "created_to=2020-01-01") == []
    await ada.ask("DELETE", place)
    assert await titles(ada, "deleted=true") == ["Old"]
    assert await titles(ada) == ["Public", "Draft"]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("created_at", "abcde"),
        ("updated_at", "abdec"),
        ("title", "abcde"),
        ("views", "acdeb"),
    ],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_show_each_post_once(
    api: httpx.AsyncClient, sort: str, wanted: str, order: str
) -> None:
    ada = await register(api, "ada")
    places = [(await post_of(ada, title=title))[0] for title in "abcde"]
    for n, views in enumerate((0, 2, 1, 1, 1)):
        for _ in range(views):
            await ada.ask("POST", f"{places[n]}/views")
    await ada.ask("PATCH", places[2], {"content": "later"})
    seen = ""
    path = f"/v1/posts?limit=2&sort={sort}&order={order}"
    while path:
        answer = await ada.ask("GET", path)
        assert answer.status_code == 200, answer.text
        seen += "".join(item["title"] for item in answer.json()["items"])
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == (wanted if order == "asc" else wanted[::-1])


@pytest.mark.parametrize("sort", ["published_at", "status"])
async def test_what_was_never_published_comes_last(api: httpx.AsyncClient, sort: str) -> None:
    ada = await register(api, "ada")
    await post_of(ada, title="archived", status="archived")
    await post_of(ada, title="published", status="published")
    expected = {
        ("published_at", "asc"): ["published", "archived"],
        ("published_at", "desc"): ["published", "archived"],
        ("status", "asc"): ["published", "archived"],
        ("status", "desc"): ["archived", "published"],
    }
    for order in ("asc", "desc"):
        assert await titles(ada, f"sort={sort}&order={order}") == expected[sort, order]


async def test_who_may_do_what(api: httpx.AsyncClient) -> None:
    ada, eve, mallory = [await register(api, name) for name in ("ada", "eve", "mallory")]
    home = await sharing(ada, eve, role="viewer")
    place, _ = await post_of(ada, workspace=home)
    assert (await eve.ask("GET", f"{place}?min_position=head")).status_code == 200
    assert (await eve.ask("POST", f"{place}/publish")).status_code == 403
    for method, path, body in (
        ("GET", place, None),
        ("GET", f"{place}/history", None),
        ("GET", f"{place}/as-of?version=1", None),
        ("GET", f"/v1/posts?workspace={home}", None),
        ("PATCH", place, {"title": "Mine"}),
        ("POST", f"{place}/publish", None),
        ("POST", f"{place}/unpublish", None),
        ("POST", f"{place}/archive", None),
        ("POST", f"{place}/views", None),
        ("POST", f"{place}/tags", {"name": "red"}),
        ("DELETE", f"{place}/tags/{uuid4()}", None),
        ("DELETE", place, None),
        ("POST", f"{place}/restore", None),
        ("POST", "/v1/posts", {"title": "x", "content": "y", "workspace": home}),
        ("POST", f"/v1/posts/{uuid4()}/views", None),
        ("POST", f"/v1/posts/{uuid4()}/publish", None),
    ):
        answer = await mallory.ask(method, path, body)
        assert answer.status_code == 404, (method, path, answer.text)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": " "},
        {"content": ""},
        {"content": None},
        {"slug": "Not a slug"},
        {"slug": None},
        {"status": "lost"},
        {"views": 7},
    ],
)
async def test_what_makes_no_sense_is_refused(api: httpx.AsyncClient, body: Json) -> None:
    ada = await register(api, "ada")
    place, _ = await post_of(ada)
    assert (await ada.ask("PATCH", place, body)).status_code == 422


async def test_the_same_request_twice_makes_one_post(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    body = {"title": "Once", "content": "text", "status": "published"}
    first = await ada.ask("POST", "/v1/posts", body, Idempotency_Key="k1")
    again = await ada.ask("POST", "/v1/posts", body, Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert await titles(ada) == ["Once"]


async def test_a_post_as_it_was(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place, made = await post_of(ada)
    tagged = (await ada.ask("POST", f"{place}/tags", {"name": "red"})).json()
    [tag] = tagged["tags"]
    assert (await ada.ask("DELETE", f"{place}/tags/{tag['id']}")).json()["tags"] == []
    await ada.ask("POST", f"{place}/publish")
    await ada.ask("POST", f"{place}/views")
    then = (await ada.ask("GET", f"{place}/as-of?version=2")).json()
    assert then == {**tagged, "views": 1}
    items = (await ada.ask("GET", f"{place}/history")).json()["items"]
    assert [line["summary"] for line in items] == ["created", "tagged", "untagged", "published"]
    assert items[-1]["data"] == {"slug": "hello-world"}
    assert items[0]["data"]["title"] == made["title"]
