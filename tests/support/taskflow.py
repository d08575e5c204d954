"""Somebody who uses TaskFlow's API."""

from typing import Any
from uuid import uuid4

import httpx

PREFIX = "/taskflow"
USER = {"id", "email", "full_name", "created_at"}
TASK = {
    *("id", "title", "description", "status", "priority", "due_date"),
    *("created_at", "updated_at"),
}
NOTE = {
    *("id", "title", "content", "category", "is_favorite"),
    *("created_at", "updated_at"),
}
POST = {
    *("id", "title", "content", "status", "tags", "view_count"),
    *("created_at", "updated_at"),
}


class Flow:
    """Somebody who is registered and signed in."""

    def __init__(self, client: httpx.AsyncClient, user: dict[str, Any], token: str) -> None:
        self.client = client
        self.user = user
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, PREFIX + path, json=body, headers=self.headers)

    async def task(self, **fields: Any) -> dict[str, Any]:
        return await self._made("/tasks", {"title": "Plan", **fields})

    async def note(self, **fields: Any) -> dict[str, Any]:
        return await self._made("/notes", {"title": "Ideas", **fields})

    async def post(self, **fields: Any) -> dict[str, Any]:
        return await self._made("/posts", {"title": "Hello", "content": "text", **fields})

    async def _made(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def titles(self, query: str = "", noun: str = "tasks") -> list[str]:
        answer = await self.ask("GET", f"/{noun}{query}")
        assert answer.status_code == 200, answer.text
        return [task["title"] for task in answer.json()]


def registration(**changes: Any) -> dict[str, Any]:
    email = f"{uuid4().hex[:12]}@example.org"
    return {"email": email, "password": "secret", "full_name": "Ada Lovelace", **changes}


async def signed_up(client: httpx.AsyncClient, **changes: Any) -> Flow:
    fields = registration(**changes)
    answer = await client.post(f"{PREFIX}/auth/signup", json=fields)
    assert answer.status_code == 201, answer.text
    token = await logged_in(client, fields["email"], fields["password"])
    return Flow(client, answer.json(), token)


async def logged_in(client: httpx.AsyncClient, email: str, password: str) -> str:
    body = {"email": email, "password": password}
    answer = await client.post(f"{PREFIX}/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def says(answer: httpx.Response, status: int, detail: str) -> None:
    """Exactly this, under both names that frontends read."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json() == {"detail": detail, "message": detail}
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def misses(answer: httpx.Response, kind: str, *loc: str | int) -> None:
    """One input, at this place, is refused."""
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/json")
    body = answer.json()
    [error] = body["detail"]
    assert error.keys() >= {"type", "loc", "msg", "input"}
    assert (error["type"], error["loc"]) == (kind, [*loc])
    assert isinstance(body["message"], str)
