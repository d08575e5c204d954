"""Somebody who uses Task Manager's API."""

from typing import Any
from uuid import uuid4

import httpx

PREFIX = "/taskmanager"
TASK = {
    *("id", "title", "description", "completed", "priority", "created_at", "due_date"),
    *("tags", "user_id"),
}


class Manager:
    """Somebody who is registered and signed in."""

    def __init__(self, client: httpx.AsyncClient, user: dict[str, Any], token: str) -> None:
        self.client = client
        self.user = user
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        url = PREFIX + path
        return await self.client.request(method, url, json=body, headers=self.headers)

    async def task(self, **fields: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/tasks", {"title": "Plan", **fields})
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def titles(self, query: str = "") -> list[str]:
        answer = await self.ask("GET", f"/tasks{query}")
        assert answer.status_code == 200, answer.text
        return [task["title"] for task in answer.json()]

    async def upload(self, task: int, name: str, content: bytes, kind: str) -> httpx.Response:
        files = {"file": (name, content, kind)}
        url = f"{PREFIX}/tasks/{task}/files"
        return await self.client.post(url, files=files, headers=self.headers)


def registration(**changes: Any) -> dict[str, Any]:
    name = uuid4().hex[:12]
    return {"username": name, "email": f"{name}@example.org", "password": "password1", **changes}


async def joined(client: httpx.AsyncClient, **changes: Any) -> Manager:
    fields = registration(**changes)
    answer = await client.post(f"{PREFIX}/auth/register", json=fields)
    assert answer.status_code == 201, answer.text
    login = {"username": fields["username"], "password": fields["password"]}
    tokens = await client.post(f"{PREFIX}/auth/login", json=login)
    assert tokens.status_code == 200, tokens.text
    return Manager(client, answer.json(), tokens.json()["access_token"])


def says(answer: httpx.Response, status: int, body: dict[str, Any]) -> None:
    """Exactly this, and the same text under every name that a frontend reads."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    text = body.get("message", body.get("detail"))
    assert answer.json() == {"message": text, "detail": text, **body}


def misses(answer: httpx.Response, *loc: str | int, kind: str | None = None) -> None:
    """An input at this place is refused."""
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert isinstance(body["message"], str)
    assert all(each.keys() >= {"type", "loc", "msg", "input"} for each in body["detail"])
    assert [*loc] in [each["loc"] for each in body["detail"]]
    if kind is not None:
        assert kind in [each["type"] for each in body["detail"]]
