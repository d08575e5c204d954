"""The Todo backend around its rows: what any FastAPI application did, pages of other origins, and
its README's settings and commands, at the root."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from infra.settings import Settings
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.documents import assert_described
from tests.support.repository import ROOT
from tests.support.servers import fresh_database
from tests.support.taskmanager import says
from tests.support.todo import PREFIX, Todo

CURL = ROOT / "tests" / "support" / "curl.py"
PAGE = "https://your-frontend.vercel.app"
# The README's, but for the database and the port, which are its host's.
ENVIRONMENT = {
    "BETTER_AUTH_SECRET": "what the frontends' server signs with",
    "JWT_ALGORITHM": "HS256",
    "ALLOWED_ORIGINS": f"{PAGE},https://your-frontend.com",
    "HOST": "0.0.0.0",
    "ENVIRONMENT": "production",
}


@pytest.fixture(scope="module")
async def deployed(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """As its README has it, at the root."""
    said = Settings.from_env({**ENVIRONMENT, "TASKTRAIL_ROOT_DIALECT": "todo"})
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url,
            nats_url,
            rate_limit=0,
            root_dialect=said.root_dialect,
            better_auth_secret=said.better_auth_secret,
            cors_origins=said.cors_origins,
        )
        async with running_app(replace(settings, algorithm=said.algorithm), worker=True) as app:
            yield app


async def test_health_and_welcome_say_what_they_said(system: RunningApp) -> None:
    for path, body in (
        ("/health", {"status": "healthy", "service": "todo-api"}),
        ("/", {"message": "Todo API - Phase 2 Backend", "status": "ready", "version": "0.1.0"}),
    ):
        answer = await system.client.get(PREFIX + path)
        assert (answer.status_code, answer.json()) == (200, body)


async def test_unknown_paths_and_methods_answer_as_they_did(todo: Todo) -> None:
    for path in ("/nothing", "/tasks/7/8/9"):
        says(await todo.ask("GET", path), 404, {"detail": "Not Found"})
    task = f"/tasks/{uuid4()}"
    for method, path, allowed in (
        ("DELETE", "/tasks", {"GET", "POST"}),
        ("POST", task, {"GET", "PATCH", "PUT", "DELETE"}),
        ("GET", f"{task}/complete", {"PATCH"}),
        ("POST", "/tags", {"GET"}),
    ):
        answer = await todo.ask(method, path)
        says(answer, 405, {"detail": "Method Not Allowed"})
        assert allowed <= set(answer.headers["allow"].split(", "))


async def test_a_slash_at_the_end_makes_no_difference(todo: Todo) -> None:
    assert (await todo.ask("POST", "/tasks/", {"title": "Plan"})).status_code == 201
    assert (await todo.ask("GET", "/tasks/")).json() == (await todo.ask("GET", "/tasks")).json()


async def test_answers_are_what_its_document_describes(todo: Todo) -> None:
    full = {"title": "Plan", "description": "all", "due_date": "2999-01-31", "tags": ["a"]}
    task = (await todo.task(**full))["id"]
    every, one = "/api/{user_id}/tasks", "/api/{user_id}/tasks/{task_id}"
    calls: list[tuple[str, str, Any]] = [
        ("POST", every, full),
        ("POST", every, {}),
        ("GET", every, None),
        ("GET", every + "?limit=0", None),
        ("GET", "/api/{user_id}/tags", None),
        ("GET", one, None),
        ("PATCH", one, {"completed": True}),
        ("PUT", one, {"title": None}),
        ("PATCH", one + "/complete", None),
        ("DELETE", one, None),
        ("DELETE", one, None),
        ("POST", "/api/auth/verify", {}),
        ("GET", "/health", None),
        ("GET", "/", None),
    ]
    for method, path, body in calls:
        for user in (todo.user, "somebody"):
            url = PREFIX + path.format(user_id=user, task_id=task)
            for headers in (todo.headers, {}):
                answer = await todo.client.request(method, url, json=body, headers=headers)
                assert_described("todo", path.partition("?")[0], answer)


async def test_only_the_pages_that_are_named_may_call_it(deployed: RunningApp) -> None:
    todo = Todo(deployed.client)
    url = f"/api/{todo.user}/tasks"
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await deployed.client.options(url, headers={"Origin": PAGE, **asking})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    foreign = {"Origin": "https://elsewhere.example"}
    answer = await deployed.client.options(url, headers={**foreign, **asking})
    assert (answer.status_code, answer.text) == (400, "Disallowed CORS origin")
    for origin, allowed in ((PAGE, PAGE), ("https://elsewhere.example", None)):
        headers = {**todo.headers, "Origin": origin}
        answer = await deployed.client.get(url, headers=headers)
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert answer.status_code == 200


async def test_a_refusal_can_be_read_by_the_page_too(deployed: RunningApp) -> None:
    answer = await deployed.client.get("/api/somebody/tasks", headers={"Origin": PAGE})
    says(answer, 401, {"detail": "Not authenticated"})
    assert answer.headers["access-control-allow-origin"] == PAGE


async def test_the_commands_of_its_readme_work(deployed: RunningApp) -> None:
    assert await curl(f"{deployed.base}/health") == '{"status":"healthy","service":"todo-api"}'
    for page in ("/docs", "/redoc"):
        assert "Todo API" in await curl(deployed.base + page)


async def test_every_endpoint_of_its_readme_answers_at_the_root(deployed: RunningApp) -> None:
    todo = Todo(deployed.client)
    own = f"/api/{todo.user}/tasks"
    made = await deployed.client.post(own, json={"title": "Plan"}, headers=todo.headers)
    task = f"{own}/{made.json()['id']}"
    for method, path, body, status in (
        ("POST", "/api/auth/verify", None, 200),
        ("GET", own, None, 200),
        ("POST", own, {"title": "Another"}, 201),
        ("GET", task, None, 200),
        ("PATCH", task, {"completed": True}, 200),
        ("DELETE", task, None, 204),
        ("GET", f"/api/{todo.user}/tags", None, 200),
        ("GET", "/health", None, 200),
    ):
        answer = await deployed.client.request(method, path, json=body, headers=todo.headers)
        assert (path, answer.status_code) == (path, status)


async def curl(url: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, CURL, url, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode()
