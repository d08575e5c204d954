"""What is answered is what the documents describe: TaskFlow, Task Manager, the Todo backend."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.documents import assert_described
from tests.support.taskflow import registration as flow_registration
from tests.support.taskflow import signed_up
from tests.support.taskmanager import Manager
from tests.support.taskmanager import registration as manager_registration
from tests.support.todo import Todo

# method, the operation's path, body, status
Call = tuple[str, str, Any, int]


async def asked(
    system: str, api: Any, calls: Sequence[Call], /, **values: Any
) -> Sequence[httpx.Response]:
    """Each as somebody who is signed in, then each as nobody."""
    answers = []
    for method, path, body, status in calls:
        url = f"/{system}{path.format(**values)}"
        answer = await api.client.request(method, url, json=body, headers=api.headers)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        assert_described(system, path, answer)
        answers.append(answer)
    for method, path, body, _ in calls:
        url = f"/{system}{path.format(**values)}"
        answer = await api.client.request(method, url, json=body)
        assert_described(system, path, answer)
    return answers


@pytest.mark.parametrize(
    ("noun", "new", "changes"),
    [
        ("task", {"title": "Plan"}, {"status": "completed"}),
        ("note", {"title": "Ideas"}, {"is_favorite": True}),
        ("post", {"title": "Hello", "content": "all", "tags": ["a"]}, {"status": "published"}),
    ],
)
async def test_taskflows_things(
    system: RunningApp, noun: str, new: dict[str, Any], changes: dict[str, Any]
) -> None:
    ann = await signed_up(system.client)
    every, one = f"/{noun}s", f"/{noun}s/{{{noun}_id}}"
    made = await ann.ask("POST", every, new)
    calls: Sequence[Call] = (
        ("POST", every, new, 201),
        ("POST", every, {}, 422),
        ("GET", every, None, 200),
        ("GET", one, None, 200),
        ("PUT", one, changes, 200),
        ("PUT", one, {"title": ""}, 422),
        ("DELETE", one, None, 204),
        ("GET", one, None, 404),
    )
    await asked("taskflow", ann, calls, **{f"{noun}_id": made.json()["id"]})


async def test_taskflows_people_and_ways_in(system: RunningApp) -> None:
    ann, again = await signed_up(system.client), flow_registration()
    good = {"email": again["email"], "password": again["password"]}
    calls: Sequence[Call] = (
        ("POST", "/auth/signup", again, 201),
        ("POST", "/auth/signup", again, 400),
        ("POST", "/auth/login", good, 200),
        ("POST", "/auth/login", {**good, "password": "wrong!"}, 401),
        ("GET", "/user/profile", None, 200),
        ("PUT", "/user/profile", {"full_name": "Ada King"}, 200),
        ("PUT", "/user/profile", {"email": again["email"]}, 400),
        ("GET", "/health", None, 200),
        ("GET", "/", None, 200),
    )
    await asked("taskflow", ann, calls)


async def test_task_managers_tasks(manager: Manager, stranger: Manager) -> None:
    one, tag = "/tasks/{task_id}", "/tasks/{task_id}/tags/{tag}"
    task, foreign = (await manager.task(tags=["a"]))["id"], (await stranger.task())["id"]
    calls: Sequence[Call] = (
        ("POST", "/tasks", {"title": "Plan", "due_date": "2030-01-01", "tags": ["a"]}, 201),
        ("POST", "/tasks", {"title": ""}, 422),
        ("GET", "/tasks", None, 200),
        ("GET", "/tasks/stats", None, 200),
        ("PATCH", "/tasks/bulk", {"task_ids": [task], "updates": {"completed": True}}, 200),
        ("PATCH", "/tasks/bulk", {"task_ids": [777], "updates": {"completed": True}}, 404),
        ("GET", one, None, 200),
        ("PATCH", one, {"description": "all"}, 200),
        ("PATCH", one, {}, 400),
        ("POST", f"{one}/tags", ["b", "c"], 200),
        ("DELETE", tag, None, 200),
        ("DELETE", tag, None, 404),
        ("DELETE", one, None, 204),
        ("GET", one, None, 404),
    )
    await asked("taskmanager", manager, calls, task_id=task, tag="b")
    theirs: Sequence[Call] = (("GET", one, None, 403), ("DELETE", one, None, 403))
    await asked("taskmanager", manager, theirs, task_id=foreign)


async def test_task_managers_files_and_people(manager: Manager) -> None:
    task, again = (await manager.task())["id"], manager_registration()
    made = await manager.upload(task, "a.txt", b"text", "text/plain")
    assert_described("taskmanager", "/tasks/{task_id}/files", made)
    bad = await manager.upload(task, "a.exe", b"text", "text/plain")
    assert bad.status_code == 400
    assert_described("taskmanager", "/tasks/{task_id}/files", bad)
    good = {"username": again["username"], "password": again["password"]}
    calls: Sequence[Call] = (
        ("GET", "/tasks/{task_id}/files", None, 200),
        ("GET", "/files/{file_id}", None, 200),
        ("GET", "/files/files/{file_id}", None, 200),
        ("DELETE", "/files/files/{file_id}", None, 204),
        ("DELETE", "/files/{file_id}", None, 404),
        ("POST", "/auth/register", again, 201),
        ("POST", "/auth/register", again, 409),
        ("POST", "/auth/login", good, 200),
        ("POST", "/auth/login", {**good, "password": "wrong!"}, 401),
        ("GET", "/", None, 200),
    )
    await asked("taskmanager", manager, calls, task_id=task, file_id=made.json()["id"])


async def test_the_todo_backends_tasks(todo: Todo) -> None:
    every, one = "/api/{user_id}/tasks", "/api/{user_id}/tasks/{task_id}"
    task = (await todo.task(tags=["a"]))["id"]
    calls: Sequence[Call] = (
        ("POST", "/api/auth/verify", {}, 200),
        ("POST", every, {"title": "Plan", "due_date": "2030-01-01", "tags": ["b"]}, 201),
        ("POST", every, {"title": ""}, 422),
        ("GET", every, None, 200),
        ("GET", "/api/{user_id}/tags", None, 200),
        ("GET", one, None, 200),
        ("PATCH", one, {"completed": True}, 200),
        ("PUT", one, {"priority": "High"}, 200),
        ("PATCH", f"{one}/complete", None, 200),
        ("DELETE", one, None, 204),
        ("GET", one, None, 404),
        ("GET", "/health", None, 200),
        ("GET", "/", None, 200),
    )
    await asked("todo", todo, calls, user_id=todo.user, task_id=task)
    theirs: Sequence[Call] = (("GET", every, None, 403), ("PATCH", one, {}, 403))
    await asked("todo", todo, theirs, user_id="somebody", task_id=task)
