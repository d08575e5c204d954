"""TaskFlow's notes, row by row: what its frontend sends, and what it reads."""

from typing import Any

import pytest

from events.ids import NUMBER_OFFSET
from tests.support.app import RunningApp
from tests.support.taskflow import NOTE, PREFIX, Flow, misses, says, signed_up


@pytest.fixture
async def flow(system: RunningApp) -> Flow:
    return await signed_up(system.client)


async def test_a_new_note_is_general_and_no_favourite(flow: Flow) -> None:
    answer = await flow.ask("POST", "/notes", {"title": "Ideas"})
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    note = answer.json()
    assert note.keys() == NOTE
    assert note["id"] > NUMBER_OFFSET
    assert note["created_at"].endswith("Z")
    assert {k: v for k, v in note.items() if k not in ("id", "created_at", "updated_at")} == {
        "title": "Ideas",
        "content": None,
        "category": "general",
        "is_favorite": False,
    }
    assert note["updated_at"] == note["created_at"]


async def test_a_favourite_is_not_made_on_creation(flow: Flow) -> None:
    note = await flow.note(content="all", category="work", is_favorite=True, x=1)
    assert (note["content"], note["category"], note["is_favorite"]) == ("all", "work", False)


async def test_a_null_category_on_creation_is_the_default_and_spoils_no_list(flow: Flow) -> None:
    note = await flow.note(category=None, content=None)
    assert (note["category"], note["content"]) == ("general", None)
    assert (await flow.ask("GET", "/notes")).json() == [note]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, "string_too_short", "title"),
    ({"title": "a" * 256}, "string_too_long", "title"),
    ({"title": 7}, "string_type", "title"),
    ({"title": "x", "content": 7}, "string_type", "content"),
    ({"title": "x", "category": "a" * 51}, "string_too_long", "category"),
    ({"title": "x", "category": 7}, "string_type", "category"),
]


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [*BAD, ({}, "missing", "title"), ({"title": None}, "string_type", "title")],
)
async def test_a_bad_new_note_names_its_field(
    flow: Flow, body: dict[str, Any], kind: str, field: str
) -> None:
    misses(await flow.ask("POST", "/notes", body), kind, "body", field)


async def test_texts_are_kept_as_typed(flow: Flow) -> None:
    note = await flow.note(title=" a ", content=" <b>\n", category=" é ")
    assert (note["title"], note["content"], note["category"]) == (" a ", " <b>\n", " é ")
    assert (await flow.note(category=""))["category"] == ""


async def test_the_list_is_a_bare_array_with_the_newest_first(flow: Flow) -> None:
    assert (await flow.ask("GET", "/notes")).json() == []
    made = [await flow.note(title=f"{n}") for n in range(4)]
    await flow.ask("PUT", f"/notes/{made[0]['id']}", {"title": "0!"})
    answer = await flow.ask("GET", "/notes")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()[:3] == made[:0:-1]
    assert answer.json()[3]["title"] == "0!"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?category=work", ["Work"]),
        ("?category_filter=ideas", ["100% sure"]),
        ("?category=WORK", []),
        ("?category=", ["Loved", "100% sure", "Work"]),
        ("?is_favorite=true", ["Loved"]),
        ("?is_favorite=false", ["100% sure", "Work"]),
        ("?is_favorite=1&category=general", ["Loved"]),
        ("?search=LOVE", ["Loved"]),
        ("?search=content%20of%20work", ["Work"]),
        ("?search=%25", ["100% sure"]),
        ("?search=nothing", []),
        ("?unknown=1", ["Loved", "100% sure", "Work"]),
    ],
)
async def test_filters_work_by_both_of_their_names(
    flow: Flow, query: str, titles: list[str]
) -> None:
    await flow.note(title="Work", category="work", content="content of work")
    await flow.note(title="100% sure", category="ideas")
    loved = await flow.note(title="Loved")
    await flow.ask("PUT", f"/notes/{loved['id']}", {"is_favorite": True})
    assert await flow.titles(query, "notes") == titles


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("?search=", "string_too_short", "search"),
        ("?is_favorite=perhaps", "bool_parsing", "is_favorite"),
    ],
)
async def test_a_bad_filter_is_named(flow: Flow, query: str, kind: str, field: str) -> None:
    misses(await flow.ask("GET", f"/notes{query}"), kind, "query", field)


async def test_a_note_is_read_changed_and_deleted_by_its_number(flow: Flow) -> None:
    note = await flow.note(content="one")
    place = f"/notes/{note['id']}"
    assert (await flow.ask("GET", place)).json() == note
    change = {"title": "New", "content": "two", "category": "work", "is_favorite": True}
    answer = await flow.ask("PUT", place, change)
    changed = answer.json()
    assert (answer.status_code, changed.keys()) == (200, NOTE)
    assert changed == {**note, **change, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > note["updated_at"]
    assert (await flow.ask("GET", place)).json() == changed
    assert (await flow.ask("PUT", place, {"is_favorite": False})).json()["is_favorite"] is False
    gone = await flow.ask("DELETE", place)
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "PUT", "DELETE"):
        says(await flow.ask(method, place, {}), 404, "Note not found")
    assert (await flow.ask("GET", "/notes")).json() == []


@pytest.mark.parametrize(
    "body",
    [{}, {"x": 1}, {"title": None, "content": None, "category": None, "is_favorite": None}],
)
async def test_what_is_null_or_not_sent_stays(flow: Flow, body: dict[str, Any]) -> None:
    note = await flow.note(content="one", category="work")
    answer = await flow.ask("PUT", f"/notes/{note['id']}", body)
    assert (answer.status_code, answer.json()) == (200, note)


@pytest.mark.parametrize(("body", "kind", "field"), BAD)
async def test_a_bad_change_names_its_field(
    flow: Flow, body: dict[str, Any], kind: str, field: str
) -> None:
    note = await flow.note()
    misses(await flow.ask("PUT", f"/notes/{note['id']}", body), kind, "body", field)


@pytest.mark.parametrize("number", ["1", "999999999", "9007199254740993", "0", "-1"])
async def test_a_number_of_nothing_is_no_note(flow: Flow, number: str) -> None:
    says(await flow.ask("GET", f"/notes/{number}"), 404, "Note not found")


async def test_what_is_no_number_is_refused(flow: Flow) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await flow.ask(method, "/notes/first", {})
        misses(answer, "int_parsing", "path", "note_id")


async def test_somebody_elses_note_is_not_there(system: RunningApp, flow: Flow) -> None:
    other = await signed_up(system.client)
    note = await other.note()
    for method in ("GET", "PUT", "DELETE"):
        says(await flow.ask(method, f"/notes/{note['id']}", {}), 404, "Note not found")
    assert (await flow.ask("GET", "/notes")).json() == []
    task = await flow.task()
    says(await flow.ask("GET", f"/notes/{task['id']}"), 404, "Note not found")


async def test_nobody_reads_notes_without_a_token(system: RunningApp) -> None:
    for method, path in (
        ("GET", "/notes"),
        ("POST", "/notes"),
        ("GET", "/notes/1"),
        ("PUT", "/notes/1"),
        ("DELETE", "/notes/1"),
    ):
        answer = await system.client.request(method, PREFIX + path, json={"title": "x"})
        says(answer, 401, "Not authenticated")
