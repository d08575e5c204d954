"""TaskHub's accounts and tasks, row by row: what its frontend sends, and what it reads."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.hub import TASK, USER, Hub, registration


async def test_registering_signs_in_at_once(system: RunningApp) -> None:
    wanted = registration()
    answer = await system.client.post("/taskhub/api/auth/register", json=wanted)
    assert answer.status_code == 201
    assert answer.json().keys() == {"access_token", "token_type", "user"}
    user = answer.json()["user"]
    assert user.keys() == USER
    assert (user["email"], user["username"], user["is_active"]) == (
        wanted["email"],
        wanted["username"],
        True,
    )


@pytest.mark.parametrize("taken", ["email", "username"])
async def test_an_email_or_username_is_registered_once(system: RunningApp, taken: str) -> None:
    first = registration()
    await system.client.post("/taskhub/api/auth/register", json=first)
    again = registration(**{taken: first[taken]})
    answer = await system.client.post("/taskhub/api/auth/register", json=again)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Email or username already exists"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("email", "nobody", "value_error"),
        ("username", "ab", "string_too_short"),
        ("username", "a" * 101, "string_too_long"),
        ("full_name", "", "string_too_short"),
        ("password", "short", "string_too_short"),
        ("password", "a" * 129, "string_too_long"),
    ],
)
async def test_a_bad_registration_names_its_field(
    system: RunningApp, field: str, value: str, kind: str
) -> None:
    bad = registration(**{field: value})
    answer = await system.client.post("/taskhub/api/auth/register", json=bad)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == (kind, ["body", field], value)


async def test_signing_in_is_by_email(system: RunningApp) -> None:
    known = registration()
    await system.client.post("/taskhub/api/auth/register", json=known)
    good = {"email": known["email"], "password": known["password"]}
    answer = await system.client.post("/taskhub/api/auth/login", json=good)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    for wrong in ("wrong!", "é" * 513):
        bad = {**good, "password": wrong}
        answer = await system.client.post("/taskhub/api/auth/login", json=bad)
        assert answer.status_code == 401
        assert answer.json()["detail"] == "Invalid email or password"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_without_a_good_token_nobody_gets_in(system: RunningApp) -> None:
    answer = await system.client.get("/taskhub/api/auth/me")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Not authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    bad = {"Authorization": "Bearer nonsense"}
    answer = await system.client.get("/taskhub/api/tasks", headers=bad)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Could not validate credentials")


async def test_a_profile_changes_by_what_is_sent(hub: Hub) -> None:
    answer = await hub.ask("PUT", "/auth/me", {"avatar_url": "https://example.org/a.png"})
    assert answer.status_code == 200
    answer = await hub.ask("PUT", "/auth/me", {"full_name": "Ada King", "avatar_url": None})
    assert answer.json()["full_name"] == "Ada King"
    assert (await hub.ask("GET", "/auth/me")).json()["avatar_url"] == "https://example.org/a.png"


async def test_everybody_is_listed_by_full_name(hub: Hub, colleague: Hub) -> None:
    await colleague.ask("PUT", "/auth/me", {"full_name": "A first one"})
    users = (await hub.ask("GET", "/auth/users")).json()
    assert {hub.user["id"], colleague.user["id"]} <= {user["id"] for user in users}
    assert [user["full_name"] for user in users] == sorted(user["full_name"] for user in users)


async def test_a_task_shows_everything_that_belongs_to_it(hub: Hub, colleague: Hub) -> None:
    task = await hub.task(
        description="**all** of it",
        priority="urgent",
        due_date="2999-01-01T00:00:00+02:00",
        assigned_to=colleague.user["id"],
        tags=["Work", " work ", "home"],
        notify_overdue=True,
    )
    assert task.keys() == TASK
    assert task["due_date"] == "2998-12-31T22:00:00Z"
    assert (task["status"], task["priority"], task["notify_overdue"]) == ("todo", "urgent", True)
    assert task["creator"] == hub.user
    assert task["assignee"] == colleague.user
    assert [(tag["name"], tag["color"]) for tag in task["tags"]] == [
        ("work", "#3B82F6"),
        ("home", "#3B82F6"),
    ]
    assert (await hub.ask("GET", f"/tasks/{task['id']}")).json() == task


async def test_nulls_on_creation_mean_the_defaults(hub: Hub) -> None:
    task = await hub.task(status=None, priority=None, tags=None, notify_overdue=None)
    assert (task["status"], task["priority"], task["tags"]) == ("todo", "medium", [])


async def test_a_passed_due_date_shows_overdue_until_it_is_done_or_moved(hub: Hub) -> None:
    """Also without an offset, which used to be an internal error."""
    task = await hub.task(due_date="2020-01-01T00:00:00", status="in_progress")
    assert task["status"] == "overdue"
    path = f"/tasks/{task['id']}"
    moved = await hub.ask("PUT", path, {"due_date": "2999-01-01T00:00:00Z"})
    assert moved.json()["status"] == "in_progress"
    back = {"due_date": "2020-01-01T00:00:00Z"}
    assert (await hub.ask("PUT", path, back)).json()["status"] == "overdue"
    assert (await hub.ask("PUT", path, {"status": "completed"})).json()["status"] == "completed"


async def test_everybody_changes_every_task(hub: Hub, colleague: Hub) -> None:
    task = await hub.task(description="old", tags=["one"])
    answer = await colleague.ask(
        "PUT", f"/tasks/{task['id']}", {"title": "New", "description": None, "tags": ["two"]}
    )
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["description"]) == ("New", "old")
    assert [tag["name"] for tag in answer.json()["tags"]] == ["two"]


async def test_a_deleted_task_is_gone_the_second_time(hub: Hub) -> None:
    path = f"/tasks/{(await hub.task())['id']}"
    assert (await hub.ask("DELETE", path)).status_code == 204
    for method in ("DELETE", "GET"):
        answer = await hub.ask(method, path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Task not found")
    assert (await hub.ask("PUT", path, {"title": "x"})).status_code == 404


async def test_many_are_created_at_once(hub: Hub) -> None:
    answer = await hub.ask("POST", "/tasks/bulk", {"tasks": [{"title": "a"}, {"title": "b"}]})
    assert answer.status_code == 201
    assert [task["title"] for task in answer.json()] == ["a", "b"]
    assert all(task.keys() == TASK for task in answer.json())
    empty = await hub.ask("POST", "/tasks/bulk", {"tasks": []})
    assert (empty.status_code, empty.json()) == (201, [])


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body", "title"]),
        ({"title": ""}, ["body", "title"]),
        ({"title": "a" * 256}, ["body", "title"]),
        ({"title": "x", "status": "later"}, ["body", "status"]),
        ({"title": "x", "priority": "now"}, ["body", "priority"]),
        ({"title": "x", "due_date": "soon"}, ["body", "due_date"]),
        ({"title": "x", "assigned_to": "me"}, ["body", "assigned_to"]),
        ({"title": "x", "assigned_to": str(uuid4())}, ["body", "assigned_to"]),
    ],
)
async def test_a_bad_task_names_its_field(hub: Hub, body: dict[str, Any], loc: list[str]) -> None:
    answer = await hub.ask("POST", "/tasks", body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == loc


async def test_a_bad_id_names_the_path(hub: Hub) -> None:
    answer = await hub.ask("GET", "/tasks/7")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "task_id"]


async def test_lists_are_filtered_sorted_and_numbered(hub: Hub) -> None:
    mark = uuid4().hex
    for number, priority in enumerate(("high", "low", "urgent", "medium")):
        await hub.task(title=f"{mark} {number}", priority=priority, tags=[f"T{mark}"])
    page = (await hub.ask("GET", f"/tasks?search={mark}&page_size=3")).json()
    assert page.keys() == {"tasks", "total", "page", "page_size", "total_pages"}
    assert (page["total"], page["page"], page["total_pages"]) == (4, 1, 2)
    assert [task["title"][-1] for task in page["tasks"]] == ["3", "2", "1"]
    asked = f"/tasks?tag=T{mark}&sort_by=priority&sort_order=asc"
    found = (await hub.ask("GET", asked)).json()["tasks"]
    assert [task["priority"] for task in found] == ["low", "medium", "high", "urgent"]
    nothing = (await hub.ask("GET", f"/tasks?search={mark}&status=completed")).json()
    assert (nothing["tasks"], nothing["total"], nothing["total_pages"]) == ([], 0, 0)


@pytest.mark.parametrize("query", ["page=0", "page_size=101", "sort_by=size", "status=later"])
async def test_a_bad_query_names_its_parameter(hub: Hub, query: str) -> None:
    answer = await hub.ask("GET", f"/tasks?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


async def test_a_slash_at_the_end_makes_no_difference(hub: Hub) -> None:
    assert (await hub.ask("GET", "/tasks/")).status_code == 200


async def test_unknown_paths_and_methods_answer_as_they_did(hub: Hub) -> None:
    nowhere = await hub.ask("GET", "/nothing")
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, "Not Found")
    wrong = await hub.ask("PATCH", "/auth/me")
    assert (wrong.status_code, wrong.json()["detail"]) == (405, "Method Not Allowed")
    assert {"GET", "PUT"} <= set(wrong.headers["allow"].split(", "))


async def test_personal_tasks_stay_out_of_the_shared_workspace(system: RunningApp) -> None:
    """And what is shared is not in anybody's personal one."""
    answer = await system.client.post("/taskhub/api/auth/register", json=registration())
    hub = Hub(system.client, answer.json()["user"], answer.json()["access_token"])
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    mine = await system.client.post("/v1/tasks", json={"title": "mine"}, headers=headers)
    assert (await hub.ask("GET", f"/tasks/{mine.json()['id']}")).status_code == 404
    shared = await hub.task()
    native = await system.client.get(f"/v1/tasks/{shared['id']}", headers=headers)
    assert UUID(native.json()["workspace"]) != UUID(mine.json()["workspace"])


async def test_health_says_what_it_said(system: RunningApp) -> None:
    answer = await system.client.get("/taskhub/api/health")
    assert answer.json() == {"status": "ok", "app": "TaskHub", "version": "1.0.0"}


async def test_missing_due_dates_are_last_ascending_and_first_descending(hub: Hub) -> None:
    mark = uuid4().hex
    for due in (None, "2999-01-02T00:00:00Z", "2999-01-01T00:00:00Z"):
        await hub.task(title=mark, due_date=due)
    for order, expected in (("asc", ["01-01", "01-02", None]), ("desc", [None, "01-02", "01-01"])):
        asked = f"/tasks?search={mark}&sort_by=due_date&sort_order={order}"
        found = (await hub.ask("GET", asked)).json()["tasks"]
        shown = [task["due_date"][5:10] if task["due_date"] else None for task in found]
        assert shown == expected


async def test_overdue_is_the_last_state(hub: Hub) -> None:
    mark = uuid4().hex
    for fields in (
        {"due_date": "2020-01-01"},
        {"status": "completed"},
        {"status": "in_progress"},
        {},
    ):
        await hub.task(title=mark, **fields)
    asked = f"/tasks?search={mark}&sort_by=status&sort_order=asc"
    found = (await hub.ask("GET", asked)).json()["tasks"]
    assert [task["status"] for task in found] == ["todo", "in_progress", "completed", "overdue"]
    only = (await hub.ask("GET", f"/tasks?search={mark}&status=overdue")).json()
    assert [task["status"] for task in only["tasks"]] == ["overdue"]


@pytest.mark.parametrize("field", ["title", "priority", "tags", "assigned_to", "due_date"])
async def test_a_null_leaves_a_field_as_it_is(hub: Hub, field: str) -> None:
    task = await hub.task(
        priority="high", tags=["a"], assigned_to=hub.user["id"], due_date="2999-01-01T00:00:00Z"
    )
    answer = await hub.ask("PUT", f"/tasks/{task['id']}", {field: None})
    assert (answer.status_code, answer.json()) == (200, task)
    assert (await hub.ask("PUT", f"/tasks/{task['id']}", {})).json() == task


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_what_is_no_task_is_not_found(hub: Hub, method: str) -> None:
    answer = await hub.ask(method, f"/tasks/{uuid4()}", {} if method == "PUT" else None)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Task not found")


async def test_every_method_of_a_path_is_allowed_by_name(hub: Hub) -> None:
    for path, methods in (
        ("/tasks", {"GET", "POST"}),
        (f"/tasks/{uuid4()}", {"GET", "PUT", "DELETE"}),
        (f"/tasks/{uuid4()}/comments", {"GET", "POST"}),
        (f"/notifications/{uuid4()}/read", {"PUT", "POST"}),
    ):
        answer = await hub.ask("PATCH", path)
        assert answer.status_code == 405
        assert methods <= set(answer.headers["allow"].split(", "))


async def test_many_more_than_one_append_takes_are_refused_as_a_whole(hub: Hub) -> None:
    before = (await hub.ask("GET", "/tasks")).json()["total"]
    answer = await hub.ask("POST", "/tasks/bulk", {"tasks": [{"title": "a"}] * 1001})
    assert answer.status_code == 413
    assert isinstance(answer.json()["detail"], str)
    assert (await hub.ask("GET", "/tasks")).json()["total"] == before
