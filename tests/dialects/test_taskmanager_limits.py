"""How much Task Manager takes of each kind of request, and in which words it takes no more."""

from collections.abc import AsyncIterator

import httpx
import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings
from tests.support.servers import fresh_database
from tests.support.taskmanager import PREFIX, Manager, joined, registration, says

LOGIN, REGISTER = f"{PREFIX}/auth/login", f"{PREFIX}/auth/register"


@pytest.fixture
async def narrow(postgres_url: str, nats_url: str, s3: EmbeddedS3) -> AsyncIterator[RunningApp]:
    """At the root, with the usual shares, counted in the process, but of tasks and files only two
    an hour."""
    async with fresh_database(postgres_url) as url:
        few = {"taskmanager_task_limit": 2, "taskmanager_upload_limit": 2}
        settings = settings_for(
            url, nats_url, root_dialect="taskmanager", **few, **s3_settings(s3, "narrow")
        )
        async with running_app(settings) as running:
            yield running


def over(answer: httpx.Response, share: str) -> None:
    text = f"Rate limit exceeded: {share}"
    says(answer, 429, {"error": text, "detail": text})
    assert int(answer.headers["retry-after"]) >= 1


async def test_an_address_signs_in_five_times_a_minute_right_or_wrong(narrow: RunningApp) -> None:
    fields = registration()
    assert (await narrow.client.post(REGISTER, json=fields)).status_code == 201
    good = {"username": fields["username"], "password": fields["password"]}
    for given, status in ((good, 200), ({**good, "password": "wrong"}, 401)) * 2:
        assert (await narrow.client.post(LOGIN, json=given)).status_code == status
    for unread in ({}, {"username": "x"}):
        assert (await narrow.client.post(LOGIN, json=unread)).status_code == 422
    assert (await narrow.client.post(LOGIN, json=good)).status_code == 200
    for path in (LOGIN, f"{PREFIX}//auth//login", f"{LOGIN}/", "/auth/login"):
        over(await narrow.client.post(path, json=good), "5 per 1 minute")


async def test_an_address_registers_ten_users_an_hour(narrow: RunningApp) -> None:
    for _ in range(10):
        assert (await narrow.client.post(REGISTER, json=registration())).status_code == 201
    over(await narrow.client.post(REGISTER, json=registration()), "10 per 1 hour")


async def test_users_create_tasks_of_their_own_share(narrow: RunningApp) -> None:
    ada, eve = await joined(narrow.client), await joined(narrow.client)
    for manager in (ada, eve):
        for _ in range(2):
            await manager.task()
        over(await manager.ask("POST", "/tasks", {"title": "x"}), "2 per 1 hour")
        assert (await manager.ask("PATCH", "/tasks/1", {"title": "x"})).status_code == 404
    answer = await narrow.client.post(f"{PREFIX}/tasks", json={"title": "x"})
    assert answer.status_code == 401


async def test_users_upload_files_of_their_own_share(narrow: RunningApp) -> None:
    manager = await joined(narrow.client)
    task = (await manager.task())["id"]
    for _ in range(2):
        answer = await manager.upload(task, "a.txt", b"x", "text/plain")
        assert answer.status_code == 201, answer.text
    over(await manager.upload(task, "a.txt", b"x", "text/plain"), "2 per 1 hour")


async def test_a_share_is_the_same_at_the_root(narrow: RunningApp) -> None:
    root = await narrow.client.get("/")
    assert root.json() == {"message": "Task Manager API", "status": "running"}
    manager = await joined(narrow.client)
    first = await narrow.client.post("/tasks", json={"title": "x"}, headers=manager.headers)
    assert (first.status_code, (await manager.task())["user_id"]) == (201, manager.user["id"])
    again = await narrow.client.post("/tasks", json={"title": "x"}, headers=manager.headers)
    over(again, "2 per 1 hour")


def test_the_usual_shares_are_those_of_the_old_system() -> None:
    usual = settings_for("", "")
    assert (usual.taskmanager_login_limit, usual.taskmanager_register_limit) == (5, 10)
    assert (usual.taskmanager_task_limit, usual.taskmanager_upload_limit) == (100, 20)


async def test_wrong_passwords_are_counted_even_without_limits(
    system: RunningApp, manager: Manager
) -> None:
    wrong = {"username": manager.user["username"], "password": "wrong"}
    for _ in range(5):
        assert (await system.client.post(LOGIN, json=wrong)).status_code == 401
    over(await system.client.post(LOGIN, json=wrong), "5 per 1 minute")
