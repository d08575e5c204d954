"""Somebody who uses the Todo backend, with a token that their frontend's own server signed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt

from commands.accounts import identity_value
from commands.base import Command
from events.append import CommandRequest
from events.envelope import Caller
from gateway.issuers import BETTER_AUTH

BETTER_AUTH_SECRET = "what the frontends' server signs with"
PREFIX = "/todo"
TASK = {
    *("id", "user_id", "title", "description", "completed", "priority", "due_date"),
    *("created_at", "updated_at", "tags"),
}


class Todo:
    """`user` is their opaque id there."""

    def __init__(self, client: httpx.AsyncClient, **claims: Any) -> None:
        self.client = client
        self.user = claims.get("sub") or opaque()
        self.claims = frontend_claims(**{"sub": self.user, **claims})
        self.headers = bearer(signed(self.claims))

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """`path` below the user's own."""
        url = f"{PREFIX}/api/{self.user}{path}"
        return await self.client.request(method, url, json=body, headers=self.headers)

    async def task(self, **fields: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/tasks", {"title": "Plan", **fields})
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def listed(self, query: str = "") -> dict[str, Any]:
        answer = await self.ask("GET", f"/tasks{query}")
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"data", "error"}
        assert answer.json()["error"] is None
        data: dict[str, Any] = answer.json()["data"]
        assert data.keys() == {"tasks", "total", "limit", "offset"}
        return data

    async def titles(self, query: str = "") -> list[str]:
        return [task["title"] for task in (await self.listed(query))["tasks"]]


def opaque() -> str:
    """An id as Better Auth makes them: letters and digits, of which the case counts."""
    return f"kW{uuid4().hex[:28]}Zq"


def frontend_claims(**changes: Any) -> dict[str, Any]:
    """What the frontend's server puts into a token; a claim of None is left out."""
    now = datetime.now(UTC)
    claims = {
        "sub": opaque(),
        "email": f"{uuid4().hex}@example.org",
        "name": "Ada Lovelace",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=15)).timestamp()),
        "iss": "nextjs-frontend",
        "aud": "fastapi-backend",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], key: Any = BETTER_AUTH_SECRET, **how: Any) -> str:
    return jwt.encode(claims, key, how.pop("algorithm", "HS256"), **how)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def account_of(app: Any, todo: Todo) -> UUID:
    """The account that this installation made for them."""
    handler = app.state.handler
    found = await handler.claimed_by("identity", identity_value(BETTER_AUTH, todo.user))
    assert isinstance(found, UUID)
    return found


async def otherwise(app: Any, todo: Todo, *commands: Command) -> None:
    """What another client of the same account does."""
    caller = Caller(account=await account_of(app, todo))
    request = CommandRequest(caller=caller, command_id=uuid4(), correlation=uuid4())
    await app.state.handler.handle(commands, request)
