"""People who are signed in, and what they ask of an API."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.support.api import PASSWORD, bearer


@dataclass
class Person:
    api: httpx.AsyncClient
    tokens: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.tokens["account"]["id"])

    @property
    def username(self) -> str:
        return str(self.tokens["account"]["username"])

    @property
    def email(self) -> str:
        return str(self.tokens["account"]["email"])

    async def ask(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        return await self.api.request(
            method, path, json=json, headers=bearer(self.tokens, **headers)
        )

    async def made(self, path: str, json: Any) -> dict[str, Any]:
        answer = await self.ask("POST", path, json)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


async def register(api: httpx.AsyncClient, name: str) -> Person:
    """Somebody of that name, whose username and e-mail nobody else has."""
    username = f"{name}-{uuid4().hex[:12]}"
    body = {
        "email": f"{username}@example.org",
        "username": username,
        "full_name": name.capitalize(),
        "password": PASSWORD,
    }
    answer = await api.post("/v1/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return Person(api, answer.json())


async def sharing(owner: Person, *others: Person, role: str = "member") -> str:
    """A workspace of the owner in which the others are members; its id."""
    workspace = str((await owner.made("/v1/workspaces", {"name": "Shared"}))["id"])
    for other in others:
        member = {"account": other.id, "role": role}
        await owner.made(f"/v1/workspaces/{workspace}/members", member)
    return workspace
