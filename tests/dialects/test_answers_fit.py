"""What is answered is what the documents describe, success and refusal, member by member."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.documents import assert_described
from tests.support.hub import Hub
from tests.support.hub import registration as hub_registration
from tests.support.phase3 import planner
from tests.support.phase3 import registration as phase3_registration

Call = tuple[str, str, Any]


PLACES = (
    ("/api/{user_id}/", "/api/{user_id}/{task_id}"),
    ("/api/v1/users/{user_id}/tasks", "/api/v1/users/{user_id}/tasks/{task_id}"),
)


@pytest.mark.parametrize(("every", "one"), PLACES)
async def test_phase3s_tasks(system: RunningApp, every: str, one: str) -> None:
    ann = await planner(system.client)
    task = (await ann.task(description="all"))["id"]
    calls: Sequence[Call] = (
        ("POST", every, {"title": "Plan", "description": "all"}),
        ("POST", every, {}),
        ("GET", every, None),
        ("GET", one, None),
        ("PUT", one, {"completed": True}),
        ("PUT", one, {"title": None}),
        ("PUT", one, {"title": ""}),
        ("PATCH", f"{one}/toggle", None),
        ("DELETE", one, None),
        ("DELETE", one, None),
        ("PATCH", f"{one}/toggle", None),
    )
    for method, path, body in calls:
        for user in (ann.id, "somebody"):
            url = "/phase3" + path.format(user_id=user, task_id=task)
            for headers in (ann.headers, {}):
                answer = await ann.client.request(method, url, json=body, headers=headers)
                assert_described("phase3", path, answer)


async def test_phase3s_users_and_ways_in(system: RunningApp) -> None:
    ann, again = await planner(system.client), phase3_registration()
    calls: Sequence[Call] = (
        ("POST", "/api/v1/register", again),
        ("POST", "/api/v1/register", again),
        ("POST", "/api/v1/register", {**again, "confirm_password": ""}),
        ("POST", "/api/v1/login", {"email": again["email"], "password": again["password"]}),
        ("POST", "/api/v1/login", {"email": again["email"], "password": "x"}),
        ("GET", "/api/v1/profile", None),
        ("GET", "/health", None),
        ("GET", "/", None),
        ("POST", "/api/v1/logout", None),
        ("GET", "/api/v1/profile", None),
    )
    for method, path, body in calls:
        answer = await ann.client.request(method, "/phase3" + path, json=body, headers=ann.headers)
        assert_described("phase3", path, answer)


async def test_taskhubs_tasks(hub: Hub, colleague: Hub) -> None:
    one = "/api/tasks/{task_id}"
    due = {"due_date": "2020-01-01T00:00:00Z", "notify_overdue": True}
    full = {"title": "Plan", "tags": ["a"], "assigned_to": colleague.user["id"], **due}
    task = (await hub.task(**full))["id"]
    added = await hub.ask("POST", f"/tasks/{task}/comments", {"content": "Look"})
    await hub.upload(task, ("a.txt", b"text", "text/plain"))
    comment = added.json()["id"]
    calls: Sequence[Call] = (
        ("POST", "/api/tasks", full),
        ("POST", "/api/tasks", {"title": "", "status": "late"}),
        ("POST", "/api/tasks/bulk", {"tasks": [full, {"title": "Other"}]}),
        ("GET", "/api/tasks", None),
        ("GET", one, None),
        ("PUT", one, {"status": "in_progress"}),
        ("POST", f"{one}/notify-overdue", None),
        ("POST", f"{one}/comments", {"content": "Look"}),
        ("GET", f"{one}/comments", None),
        ("PUT", f"{one}/comments/{{comment_id}}", {"content": "Look here"}),
        ("DELETE", f"{one}/comments/{{comment_id}}", None),
        ("DELETE", f"{one}/comments/{{comment_id}}", None),
        ("GET", f"{one}/files", None),
        ("DELETE", one, None),
        ("GET", one, None),
    )
    for method, path, body in calls:
        url = path.removeprefix("/api").format(task_id=task, comment_id=comment)
        answer = await hub.ask(method, url, body)
        assert_described("taskhub", path, answer)


async def test_taskhubs_files(hub: Hub) -> None:
    task = (await hub.task())["id"]
    files, one = "/api/tasks/{task_id}/files", "/api/tasks/{task_id}/files/{file_id}"
    made = await hub.upload(task, ("a.txt", b"text", "text/plain"))
    assert_described("taskhub", files, made)
    bad = await hub.upload(task, ("a.svg", b"<svg/>", "image/svg+xml"))
    assert bad.status_code == 400
    assert_described("taskhub", files, bad)
    for method in ("GET", "DELETE", "GET"):
        answer = await hub.ask(method, f"/tasks/{task}/files/{made.json()[0]['id']}")
        assert_described("taskhub", one, answer)


async def test_taskhubs_people_and_numbers(hub: Hub, colleague: Hub) -> None:
    await colleague.task(assigned_to=hub.user["id"])
    again = hub_registration()
    good = {"email": again["email"], "password": again["password"]}
    calls: Sequence[Call] = (
        ("POST", "/api/auth/register", again),
        ("POST", "/api/auth/register", again),
        ("POST", "/api/auth/login", good),
        ("POST", "/api/auth/login", {**good, "password": "wrong!"}),
        ("GET", "/api/auth/me", None),
        ("PUT", "/api/auth/me", {"full_name": "Ada King"}),
        ("GET", "/api/auth/users", None),
        ("GET", "/api/analytics/overview", None),
        ("GET", "/api/analytics/performance", None),
        ("GET", "/api/analytics/trends", None),
        ("GET", "/api/analytics/export", None),
        ("GET", "/api/notifications", None),
        ("POST", "/api/notifications/read-all", None),
        ("GET", "/api/health", None),
    )
    for method, path, body in calls:
        answer = await hub.ask(method, path.removeprefix("/api"), body)
        assert_described("taskhub", path, answer)
    inbox = (await hub.ask("GET", "/notifications")).json()["notifications"]
    for id in (inbox[0]["id"], str(uuid4()), "none"):
        answer = await hub.ask("PUT", f"/notifications/{id}/read")
        assert_described("taskhub", "/api/notifications/{notification_id}/read", answer)
