"""The requests that TaskFlow's manual shows, in its order, against the prefix as base URL."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.taskflow import PREFIX

JSON = {"Content-Type": "application/json"}
PASSWORD = "securepassword123"
USER = {"id": int, "email": str, "full_name": str, "created_at": str}
_OWN = {"id": int, "title": str, "created_at": str, "updated_at": str}
TASK = {**_OWN, "description": str, "status": str, "priority": str}
NOTE = {**_OWN, "content": str, "category": str, "is_favorite": bool}
POST = {**_OWN, "content": str, "status": str, "tags": list, "view_count": int}


@pytest.fixture
async def page(system: RunningApp) -> httpx.AsyncClient:
    """A frontend that did what the manual calls its authentication flow."""
    client, base = system.client, f"{system.base}{PREFIX}"
    email = f"{uuid4().hex}@example.com"
    user = {"email": email, "password": PASSWORD, "full_name": "John Doe"}
    shows(await client.post(f"{base}/auth/signup", json=user), 201, USER, email=email)
    login = {"email": email, "password": PASSWORD}
    answer = await client.post(f"{base}/auth/login", json=login)
    shows(answer, 200, {"access_token": str, "token_type": str}, token_type="bearer")
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}", **JSON}
    return httpx.AsyncClient(base_url=base, headers=headers, timeout=30)


def shows(
    answer: httpx.Response, code: int, members: dict[str, type], **values: Any
) -> dict[str, Any]:
    """An object with these members at least, of these types, and these values."""
    assert answer.status_code == code, answer.text
    body: dict[str, Any] = answer.json()
    assert members.items() <= {name: type(value) for name, value in body.items()}.items()
    assert {name: body[name] for name in values} == values
    for name in ("created_at", "updated_at"):
        assert body.get(name, "Z").endswith("Z")
    return body


async def test_the_profile_is_read_and_changed(page: httpx.AsyncClient) -> None:
    async with page:
        user = shows(await page.get("/user/profile"), 200, USER, full_name="John Doe")
        wanted = {"full_name": "John Smith", "email": f"{uuid4().hex}@example.com"}
        shows(await page.put("/user/profile", json=wanted), 200, USER, id=user["id"], **wanted)


async def test_tasks_are_made_found_changed_and_deleted(page: httpx.AsyncClient) -> None:
    wanted = {
        "title": "Complete project documentation",
        "description": "Write comprehensive API documentation",
        "priority": "high",
    }
    async with page:
        made = shows(await page.post("/tasks", json=wanted), 201, TASK, status="pending", **wanted)
        asked = "/tasks?status=pending&priority=high&search=documentation"
        assert (await page.get(asked)).json() == [made]
        assert shows(await page.get(f"/tasks/{made['id']}"), 200, TASK) == made
        change = {"title": wanted["title"], "status": "in_progress", "priority": "high"}
        shown = shows(await page.put(f"/tasks/{made['id']}", json=change), 200, TASK, **change)
        assert shown["description"] == wanted["description"]
        assert (await page.get(asked)).json() == []
        answer = await page.delete(f"/tasks/{made['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await page.get(f"/tasks/{made['id']}")).status_code == 404


async def test_notes_are_made_found_changed_and_deleted(page: httpx.AsyncClient) -> None:
    wanted = {
        "title": "Meeting Notes",
        "content": "Important discussion points from today's meeting",
        "category": "work",
    }
    async with page:
        made = shows(await page.post("/notes", json=wanted), 201, NOTE, is_favorite=False, **wanted)
        change = {"title": "Updated Meeting Notes", "is_favorite": True}
        shown = shows(await page.put(f"/notes/{made['id']}", json=change), 200, NOTE, **change)
        asked = "/notes?category=work&is_favorite=true&search=meeting"
        assert (await page.get(asked)).json() == [shown]
        assert shows(await page.get(f"/notes/{made['id']}"), 200, NOTE) == shown
        answer = await page.delete(f"/notes/{made['id']}")
        assert (answer.status_code, answer.content) == (204, b"")


async def test_posts_are_made_found_changed_and_deleted(page: httpx.AsyncClient) -> None:
    wanted = {
        "title": "My First Blog Post",
        "content": "This is the content of my blog post about programming...",
        "status": "published",
        "tags": ["tech", "programming", "fastapi"],
    }
    async with page:
        made = shows(await page.post("/posts", json=wanted), 201, POST, view_count=0, **wanted)
        assert (await page.get("/posts?status=published&search=programming")).json() == [made]
        shows(await page.get(f"/posts/{made['id']}"), 200, POST, view_count=1, **wanted)
        change = {"title": "Updated Blog Post Title", "status": "published"}
        shows(await page.put(f"/posts/{made['id']}", json=change), 200, POST, **change)
        answer = await page.delete(f"/posts/{made['id']}")
        assert (answer.status_code, answer.content) == (204, b"")


async def test_the_dashboards_script_finds_its_tasks(page: httpx.AsyncClient) -> None:
    """`/tasks?${new URLSearchParams(filters)}`, whose filters may be none or only those set."""
    async with page:
        made = shows(await page.post("/tasks", json={"title": "Search me"}), 201, {"id": int})
        filters = {"search": "", "status": "", "priority": ""}
        for given in ({}, {**filters, "status": "pending"}, {**filters, "search": "search"}):
            query = urlencode({name: value for name, value in given.items() if value})
            answer = await page.get(f"/tasks?{query}")
            assert (answer.status_code, answer.json()) == (200, [made])


async def test_a_401_sends_the_dashboard_to_its_login(page: httpx.AsyncClient) -> None:
    async with page:
        answer = await page.get("/tasks?", headers={"Authorization": "Bearer null"})
        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)


async def test_the_health_check_answers_as_shown(page: httpx.AsyncClient) -> None:
    async with page:
        answer = await page.get("/health")
        assert answer.json() == {"status": "healthy", "database": "connected"}
