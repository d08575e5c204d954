"""Somebody who uses Phase 3's API."""

from typing import Any
from uuid import uuid4

import httpx

from tests.support.api import bearer

TASK = {
    *("id", "user_id", "title", "description", "completed", "priority"),
    *("created_at", "updated_at"),
}
USER = {"email", "name", "id", "created_at", "token"}


class Planner:
    """Somebody who is registered and signed in."""

    def __init__(self, client: httpx.AsyncClient, user: dict[str, Any]) -> None:
        self.client = client
        self.user = user
        self.id = str(user["id"])
        self.headers = {"Authorization": f"Bearer {user['token']}"}

    async def ask(self, method: str, path: str = "", body: Any = None) -> httpx.Response:
        """Of what is theirs, below `/api/{user_id}/`."""
        url = f"/phase3/api/{self.id}/{path}"
        return await self.client.request(method, url, json=body, headers=self.headers)

    async def task(self, **fields: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "", {"title": "Plan", **fields})
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def native(self) -> dict[str, str]:
        """The headers of the same person at the native API."""
        login = {"login": self.user["email"], "password": "secret"}
        answer = await self.client.post("/v1/sessions", json=login)
        assert answer.status_code == 201, answer.text
        return bearer(answer.json())

    async def titles(self, query: str = "") -> list[str]:
        answer = await self.ask("GET", query)
        assert answer.status_code == 200, answer.text
        return [task["title"] for task in answer.json()]


def registration(**changes: Any) -> dict[str, Any]:
    email = f"{uuid4().hex[:12]}@example.org"
    words = {"password": "secret", "confirm_password": "secret"}
    return {"email": email, "name": "Ada", **words, **changes}


async def planner(client: httpx.AsyncClient) -> Planner:
    answer = await client.post("/phase3/api/v1/register", json=registration())
    assert answer.status_code == 200, answer.text
    return Planner(client, answer.json())
