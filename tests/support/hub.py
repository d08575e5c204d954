"""Somebody who uses TaskHub's API."""

from typing import Any
from uuid import uuid4

import httpx

USER = {"id", "email", "username", "full_name", "avatar_url", "is_active", "created_at"}
TASK = {
    *("id", "title", "description", "status", "priority", "start_date", "due_date"),
    *("notify_overdue", "is_deleted", "created_by", "assigned_to", "creator", "assignee"),
    *("tags", "files", "comments", "created_at", "updated_at"),
}


class Hub:
    """Somebody who is registered and signed in."""

    def __init__(self, client: httpx.AsyncClient, user: dict[str, Any], token: str) -> None:
        self.client = client
        self.user = user
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        url = f"/taskhub/api{path}"
        return await self.client.request(method, url, json=body, headers=self._headers)

    async def upload(self, task: str, *files: tuple[str, bytes, str]) -> httpx.Response:
        """Each file is a name, its bytes and its declared type."""
        url = f"/taskhub/api/tasks/{task}/files"
        parts = [("files", file) for file in files]
        return await self.client.post(url, files=parts, headers=self._headers)

    async def task(self, **fields: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/tasks", {"title": "Plan", **fields})
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


def registration(**changes: Any) -> dict[str, Any]:
    name = uuid4().hex[:12]
    email = f"{name}@example.org"
    fields = {"email": email, "username": name, "full_name": "Ada", "password": "secret"}
    return {**fields, **changes}
