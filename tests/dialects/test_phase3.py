"""Phase 3's tasks, row by row: what its frontend sends, and what it reads."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.phase3 import TASK, Planner, planner

NO_TASK = dict.fromkeys(("detail", "message"), "Task not found or does not belong to user")
NOT_YOURS = dict.fromkeys(("detail", "message"), "Not authorized to access this user's data")


@pytest.fixture
async def ann(system: RunningApp) -> Planner:
    return await planner(system.client)


@pytest.fixture
async def ben(system: RunningApp) -> Planner:
    return await planner(system.client)


async def test_a_task_is_created_with_what_was_sent(ann: Planner) -> None:
    answer = await ann.ask(
        "POST",
        "",
        {
            "title": "Plan",
            "description": "all of it",
            "completed": True,
            "priority": "high",
            "user_id": "somebody else",
            "id": "mine",
        },
    )
    assert answer.status_code == 201
    task = answer.json()
    assert task.keys() == TASK
    assert task["user_id"] == ann.id
    assert task["id"] != "mine"
    assert (task["title"], task["description"]) == ("Plan", "all of it")
    assert (task["completed"], task["priority"]) == (True, "high")
    assert task["created_at"].endswith("Z")
    assert task["updated_at"] == task["created_at"]


async def test_a_task_needs_a_title_and_nothing_else(ann: Planner) -> None:
    task = await ann.task()
    assert (task["description"], task["completed"], task["priority"]) == (None, False, "medium")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("place", ["/phase3/api/{}", "/phase3/api/v1/users/{}/tasks"])
async def test_both_slash_forms_answer_without_a_redirect(
    ann: Planner, place: str, slash: str
) -> None:
    url = place.format(ann.id) + slash
    made = await ann.client.post(url, json={"title": "Plan"}, headers=ann.headers)
    assert made.status_code == 201
    listed = await ann.client.get(url, headers=ann.headers)
    assert (listed.status_code, listed.json()) == (200, [made.json()])
    one = await ann.client.get(f"{url.rstrip('/')}/{made.json()['id']}{slash}", headers=ann.headers)
    assert (one.status_code, one.json()) == (200, made.json())


async def test_a_query_that_was_demanded_by_mistake_is_ignored(ann: Planner) -> None:
    task = await ann.task()
    assert await ann.titles(f"?path_user_id={ann.id}&foo=bar") == [task["title"]]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("title", "", "string_too_short"),
        ("title", "a" * 201, "string_too_long"),
        ("title", 7, "string_type"),
        ("title", None, "string_type"),
        ("description", "a" * 1001, "string_too_long"),
        ("completed", "perhaps", "bool_parsing"),
        ("priority", "urgent", "literal_error"),
    ],
)
async def test_a_bad_task_names_its_field(ann: Planner, field: str, value: Any, kind: str) -> None:
    answer = await ann.ask("POST", "", {"title": "Plan", field: value})
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == (kind, ["body", field], value)
    assert answer.json()["message"].startswith(f"{field}: ")
    assert await ann.titles() == []


async def test_without_a_title_it_is_missed(ann: Planner) -> None:
    answer = await ann.ask("POST", "", {"description": "of nothing"})
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"], error["msg"]) == (
        "missing",
        ["body", "title"],
        "Field required",
    )


async def test_tasks_are_listed_in_the_order_of_their_creation_also_after_updates(
    ann: Planner,
) -> None:
    first = await ann.task(title="first")
    for title in ("second", "third"):
        await ann.task(title=title)
    await ann.ask("PUT", first["id"], {"completed": True})
    assert await ann.titles() == ["first", "second", "third"]


async def test_a_list_has_a_hundred_unless_it_is_asked_for_others(ann: Planner) -> None:
    for number in range(101):
        await ann.task(title=str(number))
    assert await ann.titles() == [str(number) for number in range(100)]
    assert await ann.titles("?skip=99") == ["99", "100"]
    assert await ann.titles("?skip=1&limit=2") == ["1", "2"]
    assert await ann.titles("?limit=0") == []
    assert len(await ann.titles(f"?limit={10**30}")) == 101
    assert await ann.titles(f"?skip={10**30}") == []


@pytest.mark.parametrize("name", ["skip", "limit"])
@pytest.mark.parametrize(("value", "kind"), [("-1", "greater_than_equal"), ("x", "int_parsing")])
async def test_what_is_no_size_of_a_list_is_named(
    ann: Planner, name: str, value: str, kind: str
) -> None:
    """A negative one was an internal error."""
    answer = await ann.ask("GET", f"?{name}={value}")
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == (kind, ["query", name], value)


async def test_the_filters_of_its_frontend_filter(ann: Planner) -> None:
    """They were sent and ignored."""
    await ann.task(title="Buy milk", priority="low")
    await ann.task(title="Sleep", description="after the MILK", completed=True, priority="high")
    await ann.task(title="100%")
    assert await ann.titles("?status=active") == ["Buy milk", "100%"]
    assert await ann.titles("?status=completed") == ["Sleep"]
    assert await ann.titles("?priority=low") == ["Buy milk"]
    assert await ann.titles("?search=milk") == ["Buy milk", "Sleep"]
    assert await ann.titles("?search=%25") == ["100%"]
    assert await ann.titles("?status=active&priority=medium&search=0") == ["100%"]
    for everything in ("?status=all", "?priority=all", "?search=", "?status=&priority="):
        assert len(await ann.titles(everything)) == 3


async def test_one_task_is_read_by_its_id(ann: Planner) -> None:
    task = await ann.task()
    answer = await ann.ask("GET", task["id"])
    assert (answer.status_code, answer.json()) == (200, task)


@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"title": "x"}),
        ("PATCH", "/toggle", None),
        ("DELETE", "", None),
    ],
)
async def test_what_is_no_task_of_ones_own_is_not_found(
    ann: Planner, ben: Planner, method: str, end: str, body: Any
) -> None:
    """Ids are opaque: a strange one is as unknown as any."""
    foreign, gone = await ben.task(), await ann.task()
    await ann.ask("DELETE", gone["id"])
    for id in (foreign["id"], gone["id"], str(uuid4()), "7", "tasks", ann.id, gone["id"].upper()):
        answer = await ann.ask(method, id + end, body)
        assert (answer.status_code, answer.json()) == (404, NO_TASK), id
    assert (await ben.ask("GET", foreign["id"])).json() == foreign


async def test_a_task_of_a_shared_workspace_is_none_of_this_systems(ann: Planner) -> None:
    """An account is one, whatever system asks for it; a space is not."""
    native = await ann.native()
    made = await ann.client.post("/v1/workspaces", json={"name": "Team"}, headers=native)
    task = {"title": "Ours", "workspace": made.json()["id"]}
    shared = await ann.client.post("/v1/tasks", json=task, headers=native)
    assert shared.status_code == 201, shared.text
    assert await ann.titles() == []
    assert (await ann.ask("GET", shared.json()["id"])).status_code == 404


async def test_an_update_changes_what_it_sends(ann: Planner) -> None:
    task = await ann.task(description="all of it", priority="low")
    answer = await ann.ask("PUT", task["id"], {"title": "Plans", "completed": True})
    assert answer.status_code == 200
    changed = answer.json()
    assert changed["updated_at"] > task["updated_at"]
    updated = {"title": "Plans", "completed": True, "updated_at": changed["updated_at"]}
    assert changed == {**task, **updated}
    assert (await ann.ask("GET", task["id"])).json() == changed
    answer = await ann.ask("PUT", task["id"], {"completed": False, "priority": "high"})
    assert (answer.json()["completed"], answer.json()["priority"]) == (False, "high")


async def test_an_update_of_nothing_changes_nothing(ann: Planner) -> None:
    task = await ann.task(description="all of it")
    for nothing in ({}, {"title": "Plan"}, {"user_id": "x"}, {"completed": False}):
        answer = await ann.ask("PUT", task["id"], nothing)
        assert (answer.status_code, answer.json()) == (200, task)


async def test_null_clears_the_description(ann: Planner) -> None:
    task = await ann.task(description="all of it")
    answer = await ann.ask("PUT", task["id"], {"description": None})
    assert (answer.status_code, answer.json()["description"]) == (200, None)


@pytest.mark.parametrize("field", ["title", "completed", "priority"])
async def test_null_for_what_every_task_has_is_refused(ann: Planner, field: str) -> None:
    task = await ann.task()
    answer = await ann.ask("PUT", task["id"], {"description": "new", field: None})
    assert answer.status_code == 400
    assert answer.json() == dict.fromkeys(("detail", "message"), "Error updating task")
    assert (await ann.ask("GET", task["id"])).json() == task


@pytest.mark.parametrize(
    ("body", "kind"), [({"title": ""}, "string_too_short"), ({"priority": "x"}, "literal_error")]
)
async def test_a_bad_update_names_its_field(ann: Planner, body: dict[str, Any], kind: str) -> None:
    task = await ann.task()
    answer = await ann.ask("PUT", task["id"], body)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == (kind, ["body", *body])


async def test_toggling_completes_and_opens_again(ann: Planner) -> None:
    task = await ann.task()
    for completed in (True, False):
        answer = await ann.ask("PATCH", f"{task['id']}/toggle")
        assert answer.status_code == 200
        assert answer.json()["completed"] is completed
        assert (await ann.ask("GET", task["id"])).json() == answer.json()


async def test_a_deleted_task_is_gone(ann: Planner) -> None:
    task = await ann.task()
    answer = await ann.ask("DELETE", task["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await ann.ask("DELETE", task["id"])).json() == NO_TASK
    assert await ann.titles() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PUT", "/1"),
        ("DELETE", "/1"),
        ("PATCH", "/1/toggle"),
    ],
)
@pytest.mark.parametrize("place", ["/phase3/api/{}", "/phase3/api/v1/users/{}/tasks"])
async def test_the_user_of_the_path_is_that_of_the_token(
    ann: Planner, ben: Planner, place: str, method: str, path: str
) -> None:
    """It is found out before anybody looks at the body."""
    for user in (ben.id, "nobody", ann.id.upper()):
        url = place.format(user) + path
        answer = await ann.client.request(method, url, headers=ann.headers)
        assert (answer.status_code, answer.json()) == (403, NOT_YOURS)
        answer = await ann.client.request(method, url)
        assert (answer.status_code, answer.json()["detail"]) == (401, "Not authenticated")


async def test_what_other_clients_made_of_a_task_is_shown_in_its_words(ann: Planner) -> None:
    native, wanted = await ann.native(), {"title": "Plan", "priority": "urgent"}
    made = await ann.client.post("/v1/tasks", json=wanted, headers=native)
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    started = await ann.client.post(f"/v1/tasks/{id}/start", headers=native)
    assert started.status_code == 200, started.text
    task = (await ann.ask("GET", id)).json()
    assert (task["priority"], task["completed"]) == ("high", False)
    assert await ann.titles("?priority=high&status=active") == ["Plan"]
    await ann.ask("PUT", id, {"completed": False, "title": "Plans"})
    after = (await ann.client.get(f"/v1/tasks/{id}", headers=native)).json()
    assert (after["status"], after["priority"]) == ("in_progress", "urgent")
