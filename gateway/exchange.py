"""One request on its way through the edge: what came in, and what went out so far."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar.types import Message, Receive, Scope, Send

from events.ids import new_id
from gateway.dialects.manners import Manners
from gateway.http import Rejected
from gateway.resources.problems import problem_members
from gateway.shares import Taken

Headers = list[tuple[bytes, bytes]]

BROKEN = "broken"  # in a request's state: its body cannot be read to the end

_WANTED = frozenset(
    {
        b"host",
        b"x-request-id",
        b"origin",
        b"authorization",
        b"x-forwarded-for",
        b"content-type",
        b"content-encoding",
        b"content-length",
        b"transfer-encoding",
        b"if-match",
        b"idempotency-key",
    }
)


class Exchange:
    """`send` stands in for the server's own: it adds our headers and remembers the status."""

    __slots__ = (
        "extra",
        "given",
        "id",
        "manners",
        "methods",
        "position",
        "scope",
        "send_on",
        "status",
        "taken",
        "twice",
    )

    def __init__(self, scope: Scope, send: Send, manners: Manners | None = None) -> None:
        given: dict[bytes, bytes] = {}
        self.twice: set[bytes] = set()
        for name, value in scope["headers"]:
            if name in _WANTED:
                if name in given:
                    self.twice.add(name)
                    value = given[name] + b"," + value
                given[name] = value
        self.given = given
        self.scope = scope
        self.manners = manners
        self.send_on = send
        self.id = _request_id(given.get(b"x-request-id"))
        self.status = 0
        self.taken: Taken | None = None
        self.position: bytes | None = None
        self.methods: Mapping[str, bytes] | None = None
        self.extra: Headers = [
            (b"x-request-id", str(self.id).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        scope["state"]["request_id"] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            for name, value in headers:
                if name == b"tasktrail-position":
                    self.position = value
            if self.methods is not None and self.status == 204:
                allowed = self.methods[self.scope["path_template"]]
                headers = [(n, allowed if n == b"allow" else v) for n, v in headers]
            message["headers"] = headers + self.extra
        await self.send_on(message)

    async def answer(self, status: int, headers: Headers, content: bytes = b"") -> None:
        start = {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", b"%d" % len(content))],
        }
        await self.send(cast(Message, start))
        await self.send_on(cast(Message, {"type": "http.response.body", "body": content}))

    async def refuse(self, refused: Rejected) -> None:
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in (refused.headers or {}).items()
        ]
        if self.manners is not None:
            members = self.manners.body(refused)
            headers.append((b"content-type", b"application/json"))
        else:
            members = problem_members(
                refused.status_code,
                refused.code,
                refused.detail,
                field=refused.field,
                request_id=str(self.id),
            )
            headers.append((b"content-type", b"application/problem+json"))
        await self.answer(refused.status_code, headers, msgspec.json.encode(members))


class BodyInTime:
    """A `receive` that does not wait for ever. Raises `Rejected`."""

    def __init__(self, scope: Scope, receive: Receive, seconds: float) -> None:
        self._state = scope["state"]
        self._receive = receive
        self._until: float | None = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Any:
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            detail = "the body did not arrive in time"
            raise Rejected(408, "too-slow", detail, headers={"Connection": "close"}) from None
        if self._state.get(BROKEN):
            detail = "the body is not in the form that Transfer-Encoding says"
            raise Rejected(400, "malformed", detail, headers={"Connection": "close"})
        if message["type"] == "http.disconnect":
            self._state["disconnected"] = True
        elif not message.get("more_body", False):
            self._until = None  # whoever goes on waiting waits for the client to hang up
        return message


def _request_id(given: bytes | None) -> UUID:
    if given is not None and len(given) in (32, 36):
        try:
            return UUID(given.decode("ascii"))
        except ValueError:
            pass
    return new_id()
