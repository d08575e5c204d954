"""TaskFlow's tasks, row by row: what its frontend sends, and what it reads."""

from typing import Any
from uuid import uuid4

import pytest

from events.ids import NUMBER_OFFSET
from tests.support.app import RunningApp
from tests.support.taskflow import TASK, Flow, misses, says, signed_up


@pytest.fixture
async def flow(system: RunningApp) -> Flow:
    return await signed_up(system.client)


async def test_a_new_task_is_pending_and_of_medium_priority(flow: Flow) -> None:
    answer = await flow.ask("POST", "/tasks", {"title": "Write"})
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    task = answer.json()
    assert task.keys() == TASK
    assert task["id"] > NUMBER_OFFSET
    assert task["created_at"].endswith("Z")
    assert {k: v for k, v in task.items() if k not in ("id", "created_at", "updated_at")} == {
        "title": "Write",
        "description": None,
        "status": "pending",
        "priority": "medium",
        "due_date": None,
    }
    assert task["updated_at"] == task["created_at"]


async def test_status_and_due_date_are_not_taken_on_creation(flow: Flow) -> None:
    task = await flow.task(
        description="all of it", priority="high", status="completed", due_date="2026-01-01", x=1
    )
    assert (task["description"], task["priority"]) == ("all of it", "high")
    assert (task["status"], task["due_date"]) == ("pending", None)


async def test_a_null_priority_on_creation_is_the_default_and_spoils_no_list(flow: Flow) -> None:
    task = await flow.task(priority=None, description=None)
    assert (task["priority"], task["description"]) == ("medium", None)
    assert (await flow.ask("GET", "/tasks")).json() == [task]


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({}, "missing", "title"),
        ({"title": None}, "string_type", "title"),
        ({"title": ""}, "string_too_short", "title"),
        ({"title": "a" * 256}, "string_too_long", "title"),
        ({"title": 7}, "string_type", "title"),
        ({"title": "x", "description": 7}, "string_type", "description"),
        ({"title": "x", "priority": "urgent"}, "string_pattern_mismatch", "priority"),
        ({"title": "x", "priority": "High"}, "string_pattern_mismatch", "priority"),
    ],
)
async def test_a_bad_new_task_names_its_field(
    flow: Flow, body: dict[str, Any], kind: str, field: str
) -> None:
    misses(await flow.ask("POST", "/tasks", body), kind, "body", field)


async def test_titles_are_kept_as_typed(flow: Flow) -> None:
    assert (await flow.task(title="  a  "))["title"] == "  a  "
    assert (await flow.task(title="é" * 255))["title"] == "é" * 255


async def test_the_list_is_a_bare_array_with_the_newest_first(flow: Flow) -> None:
    assert (await flow.ask("GET", "/tasks")).json() == []
    made = [await flow.task(title=f"{n}") for n in range(4)]
    await flow.ask("PUT", f"/tasks/{made[0]['id']}", {"title": "0!"})
    answer = await flow.ask("GET", "/tasks")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()[:3] == made[:0:-1]
    assert answer.json()[3]["title"] == "0!"


async def test_the_list_has_no_pages(flow: Flow) -> None:
    for n in range(101):
        await flow.task(title=f"{n}")
    assert len(await flow.titles("?limit=5&page=2")) == 101


async def filled(flow: Flow) -> None:
    for title, priority, status in (
        ("Buy milk", "low", "pending"),
        ("Sell MILK", "medium", "in_progress"),
        ("Rest", "high", "completed"),
    ):
        task = await flow.task(title=title, priority=priority, description=f"{priority} 100%_")
        await flow.ask("PUT", f"/tasks/{task['id']}", {"status": status})


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?status=pending", ["Buy milk"]),
        ("?status_filter=in_progress", ["Sell MILK"]),
        ("?status=completed&priority=high", ["Rest"]),
        ("?status=completed&priority=low", []),
        ("?priority=low", ["Buy milk"]),
        ("?priority_filter=medium", ["Sell MILK"]),
        ("?search=milk", ["Sell MILK", "Buy milk"]),
        ("?search=HIGH", ["Rest"]),
        ("?search=milk&priority=low", ["Buy milk"]),
        ("?search=100%25_", ["Rest", "Sell MILK", "Buy milk"]),
        ("?search=nothing", []),
        ("?status=&priority=", ["Rest", "Sell MILK", "Buy milk"]),
        ("?unknown=1", ["Rest", "Sell MILK", "Buy milk"]),
    ],
)
async def test_filters_work_by_both_of_their_names(
    flow: Flow, query: str, titles: list[str]
) -> None:
    await filled(flow)
    assert await flow.titles(query) == titles


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("?status=todo", "string_pattern_mismatch", "status"),
        ("?status_filter=done", "string_pattern_mismatch", "status_filter"),
        ("?priority=urgent", "string_pattern_mismatch", "priority"),
        ("?priority_filter=", "string_pattern_mismatch", "priority_filter"),
        ("?search=", "string_too_short", "search"),
    ],
)
async def test_a_filter_of_no_meaning_is_refused(
    flow: Flow, query: str, kind: str, field: str
) -> None:
    misses(await flow.ask("GET", f"/tasks{query}"), kind, "query", field)


async def test_one_task_is_shown_as_it_was_made(flow: Flow) -> None:
    task = await flow.task(description="d")
    answer = await flow.ask("GET", f"/tasks/{task['id']}")
    assert (answer.status_code, answer.json()) == (200, task)


async def test_an_update_changes_what_is_sent(flow: Flow) -> None:
    task = await flow.task(description="old", priority="low")
    path = f"/tasks/{task['id']}"
    body = {"title": "New", "status": "in_progress", "priority": "high"}
    answer = await flow.ask("PUT", path, body)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown == {**task, **body, "updated_at": shown["updated_at"]}
    assert shown["updated_at"] > task["updated_at"]
    assert (await flow.ask("GET", path)).json() == shown
    assert (await flow.ask("GET", "/tasks")).json() == [shown]


@pytest.mark.parametrize("status", ["completed", "pending", "in_progress"])
async def test_every_status_leads_to_every_other(flow: Flow, status: str) -> None:
    path = f"/tasks/{(await flow.task())['id']}"
    for other in ("pending", "in_progress", "completed"):
        await flow.ask("PUT", path, {"status": other})
        assert (await flow.ask("PUT", path, {"status": status})).json()["status"] == status


@pytest.mark.parametrize(
    "body", [{}, dict.fromkeys(("title", "description", "status", "priority")), {"due_date": "x"}]
)
async def test_an_update_of_nothing_leaves_everything(flow: Flow, body: dict[str, Any]) -> None:
    task = await flow.task(description="kept")
    answer = await flow.ask("PUT", f"/tasks/{task['id']}", body)
    assert (answer.status_code, answer.json()) == (200, task)


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({"title": ""}, "string_too_short", "title"),
        ({"status": "todo"}, "string_pattern_mismatch", "status"),
        ({"priority": "urgent"}, "string_pattern_mismatch", "priority"),
    ],
)
async def test_a_bad_update_names_its_field(
    flow: Flow, body: dict[str, Any], kind: str, field: str
) -> None:
    task = await flow.task()
    misses(await flow.ask("PUT", f"/tasks/{task['id']}", body), kind, "body", field)


async def test_a_deleted_task_is_gone(flow: Flow) -> None:
    task = await flow.task()
    path = f"/tasks/{task['id']}"
    answer = await flow.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    for method, body in (("DELETE", None), ("GET", None), ("PUT", {"title": "x"})):
        says(await flow.ask(method, path, body), 404, "Task not found")
    assert await flow.titles() == []


async def test_another_users_task_is_no_task(system: RunningApp, flow: Flow) -> None:
    other = await signed_up(system.client)
    path = f"/tasks/{(await other.task())['id']}"
    for method, body in (("GET", None), ("PUT", {"title": "x"}), ("DELETE", None)):
        says(await flow.ask(method, path, body), 404, "Task not found")
    assert await flow.titles() == []
    assert await other.titles() == ["Plan"]


@pytest.mark.parametrize("number", [0, -1, 5, NUMBER_OFFSET, 10**12, 10**30])
async def test_a_number_of_nothing_is_no_task(flow: Flow, number: int) -> None:
    says(await flow.ask("GET", f"/tasks/{number}"), 404, "Task not found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_id_that_is_no_integer_names_the_path(flow: Flow, method: str) -> None:
    body = {"title": "x"} if method == "PUT" else None
    answer = await flow.ask(method, f"/tasks/{uuid4()}", body)
    misses(answer, "int_parsing", "path", "task_id")


async def test_what_other_clients_set_is_in_its_words(system: RunningApp, flow: Flow) -> None:
    """Its cards fail at any other, so urgent is high; a card sent back as shown stays urgent."""
    body = {"login": flow.user["email"], "password": "secret"}
    tokens = (await system.client.post("/v1/sessions", json=body)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for due, shown in (
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02", "2026-01-02T23:59:59.999999Z"),
    ):
        native = {"title": "Native", "priority": "urgent", "due": due}
        made = (await system.client.post("/v1/tasks", json=native, headers=headers)).json()
        task = (await flow.ask("GET", f"/tasks/{made['number']}")).json()
        assert (task["due_date"], task["priority"], task["status"]) == (shown, "high", "pending")
        card = {name: task[name] for name in ("title", "description", "status", "priority")}
        await flow.ask("PUT", f"/tasks/{task['id']}", card)
        same = await system.client.get(f"/v1/tasks/{made['id']}", headers=headers)
        assert same.json()["priority"] == "urgent"
    assert await flow.titles("?priority=high") == ["Native", "Native"]
    assert await flow.titles("?status=pending") == ["Native", "Native"]
