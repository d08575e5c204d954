"""The Todo backend's tasks, row by row: what its frontend sends, and what it reads."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.state_of_tasks import Task
from commands.tasks import TASKS, EditTask, StartTask
from tests.support.app import RunningApp
from tests.support.taskmanager import misses, says
from tests.support.todo import TASK, Todo, otherwise

NOT_FOUND = {"detail": "Task not found"}


async def test_a_new_task_is_answered_bare(todo: Todo) -> None:
    sent = {
        "title": "Plan",
        "description": "all of it",
        "priority": "High",
        "due_date": "2999-01-31",
        "tags": ["work", "Home"],
    }
    answer = await todo.ask("POST", "/tasks", sent)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    task = answer.json()
    assert task.keys() == TASK
    assert UUID(task["id"])
    assert task["user_id"] == todo.user
    assert (task["title"], task["description"], task["completed"]) == ("Plan", "all of it", False)
    assert (task["priority"], task["due_date"]) == ("High", "2999-01-31")
    assert task["tags"] == ["Home", "work"]
    assert task["created_at"] == task["updated_at"]
    assert task["created_at"].endswith("Z")
    assert (await todo.ask("GET", f"/tasks/{task['id']}")).json() == task


async def test_a_title_is_enough(todo: Todo) -> None:
    task = await todo.task(title="Plan")
    assert (task["description"], task["priority"], task["due_date"]) == (None, "Medium", None)
    assert (task["completed"], task["tags"]) == (False, [])


async def test_who_owns_it_and_whether_it_is_done_is_not_for_its_creator_to_say(todo: Todo) -> None:
    task = await todo.task(completed=True, user_id="somebody", id=str(uuid4()), colour="red")
    assert (task["completed"], task["user_id"]) == (False, todo.user)


@pytest.mark.parametrize(
    ("fields", "loc", "kind"),
    [
        ({"title": None}, ["body", "title"], "string_type"),
        ({"title": ""}, ["body", "title"], "string_too_short"),
        ({"title": "a" * 201}, ["body", "title"], "string_too_long"),
        ({"description": "a" * 1001}, ["body", "description"], "string_too_long"),
        ({"priority": "high"}, ["body", "priority"], "literal_error"),
        ({"priority": None}, ["body", "priority"], "literal_error"),
        ({"due_date": "soon"}, ["body", "due_date"], "date_from_datetime_parsing"),
        ({"tags": "work"}, ["body", "tags"], "list_type"),
        ({"tags": None}, ["body", "tags"], "list_type"),
        ({"tags": [1]}, ["body", "tags", 0], "string_type"),
        ({"tags": [str(n) for n in range(51)]}, ["body", "tags"], "value_error"),
    ],
)
async def test_a_bad_task_names_its_field(
    todo: Todo, fields: dict[str, Any], loc: list[str | int], kind: str
) -> None:
    misses(await todo.ask("POST", "/tasks", {"title": "Plan", **fields}), *loc, kind=kind)


async def test_what_is_just_long_enough_is_taken(todo: Todo) -> None:
    task = await todo.task(title="a" * 200, description="b" * 1000)
    assert (len(task["title"]), len(task["description"])) == (200, 1000)


async def test_a_body_must_be_json(todo: Todo) -> None:
    misses(await todo.ask("POST", "/tasks"), "body", kind="missing")
    url = f"/todo/api/{todo.user}/tasks"
    for content, kind, loc in (
        (b'{"title": ', "json_invalid", ["body", 10]),
        (b"[]", "model_attributes_type", ["body"]),
        (b'"Plan"', "model_attributes_type", ["body"]),
        (b"null", "missing", ["body"]),
    ):
        answer = await todo.client.post(url, content=content, headers=todo.headers)
        misses(answer, *loc, kind=kind)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_only_what_is_sent_changes(todo: Todo, method: str) -> None:
    task = await todo.task(
        description="old", priority="Low", due_date="2999-01-31", tags=["one", "two"]
    )
    path = f"/tasks/{task['id']}"
    answer = await todo.ask(method, path, {"title": "New", "completed": True})
    assert answer.status_code == 200
    changed = answer.json()
    assert changed.keys() == TASK
    assert changed["updated_at"] > task["updated_at"]
    expected = {"title": "New", "completed": True, "updated_at": changed["updated_at"]}
    assert changed == {**task, **expected}
    changed = (await todo.ask(method, path, {"priority": "High", "due_date": "2999-02-01"})).json()
    assert (changed["priority"], changed["due_date"]) == ("High", "2999-02-01")
    assert (await todo.ask("GET", path)).json() == changed


async def test_null_clears_what_need_not_be_there(todo: Todo) -> None:
    task = await todo.task(description="old", due_date="2999-01-31", tags=["one"])
    wanted = {"description": None, "due_date": None, "tags": None}
    changed = (await todo.ask("PATCH", f"/tasks/{task['id']}", wanted)).json()
    assert (changed["description"], changed["due_date"]) == (None, None)
    assert changed["tags"] == ["one"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"title": None}, "string_type"),  # it used to be an internal error
        ({"title": ""}, "string_too_short"),
        ({"completed": None}, "bool_type"),
        ({"completed": "maybe"}, "bool_parsing"),
        ({"priority": None}, "literal_error"),
        ({"priority": "urgent"}, "literal_error"),
        ({"due_date": "2999-13-01"}, "date_from_datetime_parsing"),
    ],
)
async def test_a_bad_change_names_its_field(todo: Todo, fields: dict[str, Any], kind: str) -> None:
    task = await todo.task()
    [name] = fields
    answer = await todo.ask("PATCH", f"/tasks/{task['id']}", fields)
    misses(answer, "body", name, kind=kind)
    assert (await todo.ask("GET", f"/tasks/{task['id']}")).json() == task


@pytest.mark.parametrize("fields", [{}, {"title": "Plan"}, {"tags": ["one"]}, {"user_id": "x"}])
async def test_a_change_of_nothing_is_a_change_all_the_same(
    todo: Todo, fields: dict[str, Any]
) -> None:
    task = await todo.task(tags=["one"])
    answer = await todo.ask("PATCH", f"/tasks/{task['id']}", fields)
    assert answer.status_code == 200
    changed = answer.json()
    assert changed["updated_at"] > task["updated_at"]
    assert {**changed, "updated_at": task["updated_at"]} == task


async def test_tags_are_replaced_as_a_whole(todo: Todo) -> None:
    task = await todo.task(tags=["one", "two"])
    path = f"/tasks/{task['id']}"
    assert (await todo.ask("PATCH", path, {"tags": ["two", "three"]})).json()["tags"] == [
        "three",
        "two",
    ]
    assert (await todo.ask("PATCH", path, {"tags": []})).json()["tags"] == []


async def test_a_task_is_toggled(todo: Todo) -> None:
    path = f"/tasks/{(await todo.task())['id']}"
    answer = await todo.ask("PATCH", f"{path}/complete")
    assert answer.status_code == 200
    assert answer.json().keys() == TASK
    assert answer.json()["completed"] is True
    assert (await todo.ask("PATCH", f"{path}/complete")).json()["completed"] is False


async def test_what_is_in_progress_elsewhere_stays_so(todo: Todo, system: RunningApp) -> None:
    """Being told that it is not completed says nothing new."""
    task = await todo.task()
    await otherwise(system.app, todo, StartTask(stream=UUID(task["id"])))
    answer = await todo.ask("PATCH", f"/tasks/{task['id']}", {"completed": False})
    assert answer.json()["completed"] is False
    assert (await stored(system, task)).status == "in_progress"


@pytest.mark.parametrize("tags", [[], ["one", "two"]])
async def test_a_task_is_deleted_with_its_tags(todo: Todo, tags: list[str]) -> None:
    """One that had any used to be an internal error."""
    path = f"/tasks/{(await todo.task(tags=tags))['id']}"
    answer = await todo.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE", "PATCH", "PUT"):
        body: Any = {} if method in ("PATCH", "PUT") else None
        says(await todo.ask(method, path, body), 404, NOT_FOUND)
    says(await todo.ask("PATCH", f"{path}/complete"), 404, NOT_FOUND)
    assert (await todo.listed())["total"] == 0


async def test_what_is_somebody_elses_is_not_found(todo: Todo, system: RunningApp) -> None:
    theirs = (await Todo(system.client).task())["id"]
    for path, method, body in every_call(theirs):
        says(await todo.ask(method, path, body), 404, NOT_FOUND)
    for path, method, body in every_call(str(uuid4())):
        says(await todo.ask(method, path, body), 404, NOT_FOUND)


async def test_a_bad_id_names_the_path(todo: Todo) -> None:
    for path, method, body in every_call("7"):
        misses(await todo.ask(method, path, body), "path", "task_id", kind="uuid_parsing")


async def test_what_only_others_can_set_shows_in_words_that_are_known(
    todo: Todo, system: RunningApp
) -> None:
    task = await todo.task(due_date="2999-01-31")
    path = f"/tasks/{task['id']}"
    due = datetime.fromisoformat("2999-02-28T23:30:00-05:00")
    edit = EditTask(stream=UUID(task["id"]), priority="urgent", due=due)
    await otherwise(system.app, todo, edit)
    shown = (await todo.ask("GET", path)).json()
    assert (shown["priority"], shown["due_date"]) == ("High", "2999-03-01")
    await todo.ask("PATCH", path, {"title": "New"})
    assert (await stored(system, task)).priority == "urgent"
    assert await todo.titles("?priority=High") == ["New"]


def every_call(task: str) -> list[tuple[str, str, Any]]:
    path = f"/tasks/{task}"
    return [
        (path, "GET", None),
        (path, "PATCH", {"title": "x"}),
        (path, "PUT", {"title": "x"}),
        (path, "DELETE", None),
        (f"{path}/complete", "PATCH", None),
    ]


async def stored(system: RunningApp, task: dict[str, Any]) -> Task:
    state = (await system.app.state.handler.load(UUID(task["id"]), TASKS)).state
    assert isinstance(state, Task)
    return state
