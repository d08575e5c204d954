"""Task Manager's answers are those that its document describes, and as new as they can be."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.documents import assert_described
from tests.support.servers import fresh_database
from tests.support.taskmanager import PREFIX, Manager, joined, registration, says

ONE, TAGS, FILES = "/tasks/{task_id}", "/tasks/{task_id}/tags", "/tasks/{task_id}/files"
FILE, OTHER_FILE = "/files/{file_id}", "/files/files/{file_id}"


async def test_who_comes_in_is_answered_as_described(system: RunningApp) -> None:
    fields = registration()
    login = {"username": fields["username"], "password": fields["password"]}
    calls: Sequence[tuple[str, str, Any]] = (
        ("POST", "/auth/register", fields),
        ("POST", "/auth/register", fields),
        ("POST", "/auth/register", {}),
        ("POST", "/auth/login", login),
        ("POST", "/auth/login", {**login, "password": "wrong"}),
        ("POST", "/auth/login", {}),
        ("GET", "/", None),
    )
    for method, path, body in calls:
        answer = await system.client.request(method, PREFIX + path, json=body)
        assert_described("taskmanager", path, answer)


@pytest.mark.parametrize("whose", ["own", "foreign", "missing", "nobody's"])
async def test_tasks_and_files_are_answered_as_described(
    manager: Manager, stranger: Manager, whose: str
) -> None:
    task = await manager.task(tags=["a"])
    file = (await manager.upload(task["id"], "a.txt", b"x", "text/plain")).json()
    asking = stranger if whose == "foreign" else manager
    headers = {} if whose == "nobody's" else asking.headers
    names = {"task_id": 9, "file_id": 9, "tag": "a"}
    if whose != "missing":
        names |= {"task_id": task["id"], "file_id": file["id"]}
    bulk = {"task_ids": [names["task_id"]], "updates": {"completed": True}}
    calls: Sequence[tuple[str, str, Any]] = (
        ("POST", "/tasks", {"title": "x", "due_date": "2030-01-01", "tags": ["b"]}),
        ("POST", "/tasks", {}),
        ("GET", "/tasks", None),
        ("GET", "/tasks/stats", None),
        ("PATCH", "/tasks/bulk", bulk),
        ("PATCH", "/tasks/bulk", {**bulk, "updates": {}}),
        ("PATCH", "/tasks/bulk", {}),
        ("GET", ONE, None),
        ("PATCH", ONE, {"title": "y"}),
        ("PATCH", ONE, {}),
        ("PATCH", ONE, {"title": None}),
        ("POST", TAGS, ["c"]),
        ("POST", TAGS, {}),
        ("DELETE", f"{TAGS}/{{tag}}", None),
        ("DELETE", f"{TAGS}/{{tag}}", None),
        ("POST", FILES, None),
        ("GET", FILES, None),
        ("GET", FILE, None),
        ("GET", OTHER_FILE, None),
        ("DELETE", FILE, None),
        ("DELETE", OTHER_FILE, None),
        ("DELETE", ONE, None),
        ("DELETE", ONE, None),
    )
    for method, path, body in calls:
        url = PREFIX + path.format(**names)
        answer = await manager.client.request(method, url, json=body, headers=headers)
        assert_described("taskmanager", path, answer)


async def test_what_is_saved_is_answered_however_late_the_read_models_are(
    postgres_url: str, nats_url: str
) -> None:
    """Without a worker they stand still: lists and statistics then show what they have."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url)
        async with running_app(settings, worker=True) as running:
            known = await joined(running.client)
            task = await known.task(title="Seen", tags=["a"])
            assert await known.titles() == ["Seen"]
        async with running_app(settings) as running:
            late, path = Manager(running.client, known.user, ""), f"/tasks/{task['id']}"
            late.headers = known.headers
            changed = await late.ask("PATCH", path, {"title": "New", "tags": ["b", "a", "b"]})
            assert changed.json() == {**task, "title": "New", "tags": ["b", "a", "b"]}
            assert (await late.ask("GET", path)).json() == changed.json()
            assert await late.titles() == ["Seen"]
            assert (await late.ask("GET", "/tasks/stats")).json()["by_tag"] == {"a": 1}
            newcomer = await joined(running.client)
            answer = await newcomer.ask("GET", "/tasks/stats")
            says(answer, 503, {"detail": "it is not known yet who you are"})
            assert (await late.ask("DELETE", path)).status_code == 204
            assert (await late.ask("GET", path)).status_code == 404
