"""Task Manager's tasks, row by row."""

from typing import Any

import pytest

from tests.support.api import bearer
from tests.support.app import RunningApp
from tests.support.taskmanager import PREFIX, TASK, Manager, misses, says

NOT_YOURS = {
    "error": "Unauthorized Access",
    "message": "You do not have permission to access this task",
}
EMPTY = {"detail": "No fields provided for update"}


def not_found(number: int) -> dict[str, Any]:
    message = f"Task with ID {number} not found"
    return {"error": "Task Not Found", "message": message, "task_id": number}


async def test_a_task_is_created_with_what_it_was_given(manager: Manager) -> None:
    given = {
        "title": "Write more tests",
        "description": "All of them",
        "priority": "high",
        "due_date": "2030-02-28",
        "tags": ["b", "a"],
        "completed": True,
    }
    task = await manager.task(**given, id=7, user_id=8, unknown="ignored")
    assert task.keys() == TASK
    assert {name: task[name] for name in given} == given
    assert isinstance(task["id"], int)
    assert task["user_id"] == manager.user["id"]
    assert task["created_at"].endswith("Z")
    assert (await manager.ask("GET", f"/tasks/{task['id']}")).json() == task


async def test_what_is_left_out_has_its_default(manager: Manager) -> None:
    task = await manager.task()
    assert (task["description"], task["priority"], task["completed"]) == (None, "medium", False)
    assert (task["due_date"], task["tags"]) == (None, [])


async def test_texts_lose_the_white_space_around_them_before_they_are_measured(
    manager: Manager,
) -> None:
    task = await manager.task(title=f"  {'a' * 200}\n", description=" x ", tags=["  y ", ""])
    assert (task["title"], task["description"]) == ("a" * 200, "x")
    assert task["tags"] == ["y", ""]
    misses(await manager.ask("POST", "/tasks", {"title": "   "}), "body", "title")


@pytest.mark.parametrize(
    ("body", "field", "kind"),
    [
        ({}, "title", "missing"),
        ({"title": ""}, "title", "string_too_short"),
        ({"title": "a" * 201}, "title", "string_too_long"),
        ({"title": None}, "title", "string_type"),
        ({"description": "a" * 1001}, "description", "string_too_long"),
        ({"priority": "super-urgent"}, "priority", "literal_error"),
        ({"priority": "urgent"}, "priority", "literal_error"),
        ({"priority": None}, "priority", "literal_error"),
        ({"due_date": "tomorrow"}, "due_date", "date_from_datetime_parsing"),
        ({"due_date": "2030-01-01T10:00:00"}, "due_date", "date_from_datetime_inexact"),
        ({"tags": "a"}, "tags", "list_type"),
        ({"completed": "perhaps"}, "completed", "bool_parsing"),
    ],
)
async def test_what_is_wrong_with_a_new_task_is_named(
    manager: Manager, body: dict[str, Any], field: str, kind: str
) -> None:
    given = {"title": "x", **body} if body else {}
    misses(await manager.ask("POST", "/tasks", given), "body", field, kind=kind)


async def test_no_body_and_no_json_are_refused_as_fastapi_did(
    system: RunningApp, manager: Manager
) -> None:
    url = f"{PREFIX}/tasks"
    answer = await system.client.post(url, headers=manager.headers)
    misses(answer, "body", kind="missing")
    answer = await system.client.post(url, headers=manager.headers, content=b'{"title":')
    misses(answer, "body", 9, kind="json_invalid")


async def test_a_task_that_is_not_there_is_said_with_its_number(manager: Manager) -> None:
    gone = (await manager.task())["id"]
    assert (await manager.ask("DELETE", f"/tasks/{gone}")).status_code == 204
    for number in (99999, 0, -1, 10**30, gone):
        for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
            answer = await manager.ask(method, f"/tasks/{number}", body)
            says(answer, 404, not_found(number))


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_number_is_a_number(manager: Manager, method: str) -> None:
    answer = await manager.ask(method, "/tasks/seven", {"title": "x"})
    misses(answer, "path", "task_id", kind="int_parsing")


async def test_somebody_elses_task_is_forbidden(manager: Manager, stranger: Manager) -> None:
    task = await manager.task()
    path = f"/tasks/{task['id']}"
    for method, below, body in (
        ("GET", "", None),
        ("PATCH", "", {"title": "Hacked!"}),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/tags", ["hacked"]),
        ("DELETE", "/tags/a", None),
        ("GET", "/files", None),
    ):
        says(await stranger.ask(method, path + below, body), 403, NOT_YOURS)
    assert (await stranger.upload(task["id"], "a.txt", b"x", "text/plain")).status_code == 403
    assert (await manager.ask("GET", path)).json() == task
    assert await stranger.titles() == []


async def test_what_stands_in_a_shared_workspace_is_not_of_this_system(
    system: RunningApp, manager: Manager
) -> None:
    tokens = await system.register()
    made = await system.client.post("/v1/workspaces", json={"name": "x"}, headers=bearer(tokens))
    body = {"title": "x", "workspace": made.json()["id"]}
    task = await system.client.post("/v1/tasks", json=body, headers=bearer(tokens))
    number = task.json()["number"]
    says(await manager.ask("GET", f"/tasks/{number}"), 404, not_found(number))


async def test_only_what_is_sent_is_changed(manager: Manager) -> None:
    task = await manager.task(description="old", priority="low", due_date="2030-01-01", tags=["a"])
    changes = {"title": "new", "completed": True, "priority": "high"}
    answer = await manager.ask("PATCH", f"/tasks/{task['id']}", changes)
    assert (answer.status_code, answer.json()) == (200, {**task, **changes})
    assert (await manager.ask("GET", f"/tasks/{task['id']}")).json() == {**task, **changes}


async def test_null_clears_what_may_be_missing(manager: Manager) -> None:
    task = await manager.task(description="old", due_date="2030-01-01")
    cleared = {"description": None, "due_date": None}
    answer = await manager.ask("PATCH", f"/tasks/{task['id']}", cleared)
    assert answer.json() == {**task, **cleared}


@pytest.mark.parametrize("field", ["title", "completed", "priority", "tags"])
async def test_null_for_anything_else_is_refused(manager: Manager, field: str) -> None:
    """It was an internal error."""
    task = await manager.task()
    answer = await manager.ask("PATCH", f"/tasks/{task['id']}", {field: None})
    misses(answer, "body", field)


async def test_texts_of_a_change_are_taken_as_they_are(manager: Manager) -> None:
    task = await manager.task()
    for title in ("", "  spaced ", "a" * 300):
        changes = {"title": title, "description": "b" * 2000}
        answer = await manager.ask("PATCH", f"/tasks/{task['id']}", changes)
        assert answer.json() == {**task, **changes}


async def test_a_change_of_nothing_is_refused_once_the_task_is_found(manager: Manager) -> None:
    task = await manager.task()
    for body in ({}, {"unknown": 1}):
        says(await manager.ask("PATCH", f"/tasks/{task['id']}", body), 400, EMPTY)
    says(await manager.ask("PATCH", "/tasks/99999", {}), 404, not_found(99999))


async def test_a_change_to_what_it_is_already_is_fine(manager: Manager) -> None:
    task = await manager.task(tags=["a"])
    same = {"title": task["title"], "completed": False, "tags": ["a"]}
    answer = await manager.ask("PATCH", f"/tasks/{task['id']}", same)
    assert (answer.status_code, answer.json()) == (200, task)


async def test_a_wrong_priority_changes_nothing(manager: Manager) -> None:
    task = await manager.task()
    answer = await manager.ask("PATCH", f"/tasks/{task['id']}", {"priority": "critical"})
    misses(answer, "body", "priority", kind="literal_error")


async def test_not_completed_leaves_what_is_in_progress(
    system: RunningApp, manager: Manager
) -> None:
    """Only other clients know of that."""
    task = await manager.task()
    native = await native_of(system, manager)
    [found] = (await native("GET", "")).json()["items"]
    assert (await native("POST", f"/{found['id']}/start")).status_code == 200
    await manager.ask("PATCH", f"/tasks/{task['id']}", {"completed": False})
    assert (await native("GET", f"/{found['id']}?min_position=head")).json()["status"] == (
        "in_progress"
    )


async def test_what_other_clients_set_is_shown_in_its_words(
    system: RunningApp, manager: Manager
) -> None:
    native = await native_of(system, manager)
    body = {"title": "x", "priority": "urgent", "due": "2030-05-06T23:30:00-05:00"}
    made = (await native("POST", "", body)).json()
    task = (await manager.ask("GET", f"/tasks/{made['number']}")).json()
    assert (task["priority"], task["due_date"]) == ("high", "2030-05-07")
    [listed] = (await manager.ask("GET", "/tasks?priority=high")).json()
    assert listed == task
    await manager.ask("PATCH", f"/tasks/{task['id']}", {"title": "y"})
    after = (await native("GET", f"/{made['id']}?min_position=head")).json()
    assert (after["priority"], after["title"]) == ("urgent", "y")


async def test_several_tasks_are_changed_at_once(manager: Manager) -> None:
    tasks = [await manager.task(title=f"Task {n}", priority="low") for n in range(3)]
    ids = [task["id"] for task in reversed(tasks)]
    updates = {"completed": True, "priority": "high", "tags": ["x", "x"]}
    answer = await manager.ask("PATCH", "/tasks/bulk", {"task_ids": ids, "updates": updates})
    assert answer.status_code == 200
    assert answer.json() == [{**task, **updates} for task in reversed(tasks)]
    twice = {"task_ids": [*ids, ids[0]], "updates": {"title": "same"}}
    assert len((await manager.ask("PATCH", "/tasks/bulk", twice)).json()) == 3
    assert await manager.titles("?completed=true") == ["same"] * 3


async def test_of_several_tasks_all_are_changed_or_none(
    manager: Manager, stranger: Manager
) -> None:
    task, theirs = await manager.task(), await stranger.task()
    ids = [task["id"], 777, theirs["id"], 777]
    body = {"task_ids": ids, "updates": {"completed": True}}
    answer = await manager.ask("PATCH", "/tasks/bulk", body)
    says(answer, 404, {"detail": f"Tasks not found: [777, {theirs['id']}, 777]"})
    assert (await manager.ask("GET", f"/tasks/{task['id']}")).json() == task
    assert (await stranger.ask("GET", f"/tasks/{theirs['id']}")).json() == theirs


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"task_ids": [], "updates": {"completed": True}}, ["task_ids"]),
        ({"updates": {"completed": True}}, ["task_ids"]),
        ({"task_ids": ["x"], "updates": {"completed": True}}, ["task_ids", 0]),
        ({"task_ids": [1]}, ["updates"]),
        ({"task_ids": [1], "updates": {"priority": "no"}}, ["updates", "priority"]),
    ],
)
async def test_what_is_wrong_with_a_change_of_several_is_named(
    manager: Manager, body: dict[str, Any], loc: list[str | int]
) -> None:
    misses(await manager.ask("PATCH", "/tasks/bulk", body), "body", *loc)


async def test_a_change_of_several_that_is_none_is_refused(manager: Manager) -> None:
    body: dict[str, Any] = {"task_ids": [777], "updates": {}}
    says(await manager.ask("PATCH", "/tasks/bulk", body), 400, EMPTY)


async def native_of(system: RunningApp, manager: Manager) -> Any:
    """The same account's way to ask natively."""
    login = {"login": manager.user["username"], "password": "password1"}
    tokens = await system.client.post("/v1/sessions", json=login)
    assert tokens.status_code == 201, tokens.text

    async def ask(method: str, path: str, body: Any = None) -> Any:
        url = f"/v1/tasks{path}" + ("" if "?" in path or method != "GET" else "?min_position=head")
        return await system.client.request(method, url, json=body, headers=bearer(tokens.json()))

    return ask
