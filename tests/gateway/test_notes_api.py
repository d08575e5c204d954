"""Notes over HTTP."""

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
    answer = await person.ask("GET", f"/v1/notes?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_a_note_from_its_first_word_to_its_last(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    body = {"title": " Ideas ", "content": "**one**", "category": "work", "tags": ["red", "red"]}
    answer = await ada.ask("POST", "/v1/notes", body)
    assert answer.status_code == 201
    note: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/notes/{note['id']}"
    assert (note["title"], note["category"], note["favourite"]) == ("Ideas", "work", False)
    assert note["content_html"] == "<p><strong>one</strong></p>"
    assert [tag["name"] for tag in note["tags"]] == ["red"]
    assert (note["created_by"], note["archived_at"], note["deleted_at"]) == (ada.id, None, None)
    place = f"/v1/notes/{note['id']}"
    one = await ada.ask("GET", place)
    assert (one.json(), one.headers["ETag"]) == (note, answer.headers["ETag"])
    change = {"content": None, "favourite": True, "archived": True, "tags": ["blue", "red"]}
    edited = await ada.ask("PATCH", place, change, If_Match=one.headers["ETag"])
    assert edited.status_code == 200
    now: Json = edited.json()
    assert (now["content"], now["content_html"], now["favourite"]) == (None, None, True)
    assert [tag["name"] for tag in now["tags"]] == ["blue", "red"]
    assert now["archived_at"] is not None
    assert (await ada.ask("GET", place)).json() == now
    stale = await ada.ask("PATCH", place, {"title": "x"}, If_Match=one.headers["ETag"])
    assert stale.status_code == 412
    assert (await ada.ask("DELETE", place)).status_code == 204
    assert (await ada.ask("GET", place)).status_code == 404
    assert (await ada.ask("PATCH", place, {"title": "x"})).status_code == 404
    restored = await ada.ask("POST", f"{place}/restore")
    assert (restored.status_code, restored.json()["title"]) == (200, "Ideas")
    assert (await ada.ask("GET", place)).json() == restored.json()


async def test_a_list_is_narrowed_by_each_filter(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    for title, more in (
        ("Plain", {"content": "nothing at all"}),
        ("Work", {"category": "work", "tags": ["red"]}),
        ("Loved", {"favourite": True, "tags": ["blue"]}),
        ("100% sure", {"category": "ideas"}),
    ):
        made = await ada.made("/v1/notes", {"title": title, **more})
    await ada.ask("POST", f"/v1/notes/{made['id']}/archive")
    assert await titles(ada) == ["100% sure", "Loved", "Work", "Plain"]
    assert await titles(ada, "category=work&category=ideas") == ["100% sure", "Work"]
    assert await titles(ada, "favourite=true") == ["Loved"]
    assert await titles(ada, "favourite=false&archived=false") == ["Work", "Plain"]
    assert await titles(ada, "archived=true") == ["100% sure"]
    assert await titles(ada, "tag=red&tag=blue") == ["Loved", "Work"]
    assert await titles(ada, "q=NOTHING") == ["Plain"]
    assert await titles(ada, "q=0%25") == ["100% sure"]
    assert await titles(ada, "created_to=2020-01-01") == []
    assert await titles(ada, "created_from=2020-01-01&sort=title&order=asc") == [
        "100% sure",
        "Loved",
        "Plain",
        "Work",
    ]
    await ada.ask("DELETE", f"/v1/notes/{made['id']}")
    assert await titles(ada, "deleted=true") == ["100% sure"]
    assert await titles(ada, "archived=true") == []


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "title", "category"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_show_each_note_once(api: httpx.AsyncClient, sort: str, order: str) -> None:
    ada = await register(api, "ada")
    made = [
        (await ada.made("/v1/notes", {"title": title, "category": title.lower()}))["id"]
        for title in ("B", "a", "C", "d", "E")
    ]
    seen: list[str] = []
    path = f"/v1/notes?limit=2&sort={sort}&order={order}"
    while path:
        answer = await ada.ask("GET", path)
        assert answer.status_code == 200, answer.text
        seen += [item["id"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    by_name = [made[1], made[0], made[2], made[3], made[4]]
    wanted = by_name if sort in ("title", "category") else made
    assert seen == (wanted if order == "asc" else wanted[::-1])


async def test_who_may_do_what(api: httpx.AsyncClient) -> None:
    ada, eve, mallory = [await register(api, name) for name in ("ada", "eve", "mallory")]
    home = await sharing(ada, eve, role="viewer")
    note = await ada.made("/v1/notes", {"title": "Ours", "workspace": home})
    place = f"/v1/notes/{note['id']}"
    assert (await eve.ask("GET", f"{place}?min_position=head")).status_code == 200
    assert (await eve.ask("PATCH", place, {"title": "Mine"})).status_code == 403
    assert await titles(eve, f"workspace={home}") == ["Ours"]
    assert await titles(mallory) == []
    for method, path, body in (
        ("GET", place, None),
        ("GET", f"{place}/history", None),
        ("GET", f"{place}/as-of?version=1", None),
        ("GET", f"/v1/notes?workspace={home}", None),
        ("PATCH", place, {"title": "Mine"}),
        ("PUT", f"{place}/favourite", None),
        ("DELETE", f"{place}/favourite", None),
        ("POST", f"{place}/archive", None),
        ("POST", f"{place}/unarchive", None),
        ("POST", f"{place}/tags", {"name": "red"}),
        ("DELETE", f"{place}/tags/{uuid4()}", None),
        ("DELETE", place, None),
        ("POST", f"{place}/restore", None),
        ("POST", "/v1/notes", {"title": "x", "workspace": home}),
        ("GET", f"/v1/notes/{uuid4()}", None),
        ("PATCH", f"/v1/notes/{uuid4()}", {"title": "Mine"}),
    ):
        answer = await mallory.ask(method, path, body)
        assert answer.status_code == 404, (method, path, answer.text)
    task = await ada.made("/v1/tasks", {"title": "No note"})
    assert (await ada.ask("PATCH", f"/v1/notes/{task['id']}", {"title": "x"})).status_code == 404
    assert (await ada.ask("GET", f"/v1/notes/{task['id']}/history")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "empty-patch"),
        ({"title": " "}, "invalid"),
        ({"title": None}, "invalid"),
        ({"category": ""}, "invalid"),
        ({"category": "x" * 51}, "invalid"),
        ({"colour": "red"}, "invalid"),
        ({"tags": ["red"] * 51}, "invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: httpx.AsyncClient, body: Json, code: str
) -> None:
    ada = await register(api, "ada")
    note = await ada.made("/v1/notes", {"title": "Ideas"})
    answer = await ada.ask("PATCH", f"/v1/notes/{note['id']}", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_the_same_request_twice_makes_one_note(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    body = {"title": "Once", "tags": ["red"]}
    first = await ada.ask("POST", "/v1/notes", body, Idempotency_Key="k1")
    again = await ada.ask("POST", "/v1/notes", body, Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await titles(ada) == ["Once"]
    other = await ada.ask("POST", "/v1/notes", {"title": "Other"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_small_changes_and_their_history(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place = f"/v1/notes/{(await ada.made('/v1/notes', {'title': 'Ideas'}))['id']}"
    assert (await ada.ask("PUT", f"{place}/favourite")).json()["favourite"] is True
    assert (await ada.ask("PUT", f"{place}/favourite")).json()["version"] == 2
    assert (await ada.ask("DELETE", f"{place}/favourite")).json()["favourite"] is False
    tagged = (await ada.ask("POST", f"{place}/tags", {"name": "red"})).json()
    [tag] = tagged["tags"]
    assert (await ada.ask("DELETE", f"{place}/tags/{tag['id']}")).json()["tags"] == []
    assert (await ada.ask("POST", f"{place}/archive")).json()["archived_at"] is not None
    assert (await ada.ask("POST", f"{place}/unarchive")).json()["archived_at"] is None
    await ada.ask("PATCH", place, {"title": "Better", "category": "work"})
    await ada.ask("DELETE", place)
    page = (await ada.ask("GET", f"{place}/history?limit=5")).json()
    rest = (await ada.ask("GET", f"{place}/history?cursor={page['next_cursor']}")).json()
    lines = [*page["items"], *rest["items"]]
    assert [line["version"] for line in lines] == list(range(1, 10))
    assert [line["summary"] for line in lines] == [
        "created",
        "favourited",
        "unfavourited",
        "tagged",
        "untagged",
        "archived",
        "unarchived",
        "changed title, category",
        "deleted",
    ]
    assert lines[0]["type"] == "note.created"
    assert lines[0]["actor"] == {"id": ada.id, "full_name": "Ada"}
    then = (await ada.ask("GET", f"{place}/as-of?version=4")).json()
    assert (then["title"], then["tags"], then["version"]) == ("Ideas", tagged["tags"], 4)
    assert (await ada.ask("GET", f"{place}/as-of?version=99")).status_code == 404


async def test_notes_and_posts_are_found_beside_tasks(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    made = {
        "task": await ada.made("/v1/tasks", {"title": "Brass"}),
        "note": await ada.made("/v1/notes", {"title": "Ideas", "content": "of brass & wood"}),
        "post": await ada.made("/v1/posts", {"title": "Brass bands", "content": "text"}),
    }
    found = (await ada.ask("GET", "/v1/search?q=bras")).json()["items"]
    assert {hit["noun"]: hit["id"] for hit in found} == {n: row["id"] for n, row in made.items()}
    for noun in made:
        [hit] = (await ada.ask("GET", f"/v1/search?q=bras&noun={noun}")).json()["items"]
        assert (hit["noun"], hit["id"], hit["task"]) == (noun, made[noun]["id"], None)
    [hit] = (await ada.ask("GET", "/v1/search?q=bras&noun=note")).json()["items"]
    assert hit["snippet_html"] == "of <mark>brass</mark> &amp; wood"
    await ada.ask("DELETE", f"/v1/notes/{made['note']['id']}")
    assert (await ada.ask("GET", "/v1/search?q=bras&noun=note")).json()["items"] == []


async def test_a_tag_counts_what_carries_it(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    await ada.made("/v1/tasks", {"title": "Brass", "tags": ["red"]})
    note = await ada.made("/v1/notes", {"title": "Ideas", "tags": ["red"]})
    await ada.made("/v1/notes", {"title": "More ideas", "tags": ["red", "blue"]})
    await ada.made("/v1/posts", {"title": "Hello", "content": "text", "tags": ["red"]})

    async def counts() -> dict[str, tuple[int, int, int]]:
        items = (await ada.ask("GET", "/v1/tags")).json()["items"]
        return {item["name"]: (item["tasks"], item["notes"], item["posts"]) for item in items}

    assert await counts() == {"blue": (0, 1, 0), "red": (1, 2, 1)}
    await ada.ask("DELETE", f"/v1/notes/{note['id']}")
    assert await counts() == {"blue": (0, 1, 0), "red": (1, 1, 1)}
    [red] = note["tags"]
    await ada.ask("DELETE", f"/v1/tags/{red['id']}")
    assert await counts() == {"blue": (0, 1, 0)}
    found = (await ada.ask("GET", "/v1/notes")).json()["items"]
    assert [tag["name"] for tag in found[0]["tags"]] == ["blue"]
