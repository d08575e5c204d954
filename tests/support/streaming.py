"""Clients of the live stream that keep what they were told."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.app import RunningApp
from tests.support.waiting import until

Json = dict[str, Any]
Parameters = Sequence[tuple[str, object]]


class Stream:
    """What a client heard, over whichever channel. `ended` is the reason it was given."""

    def __init__(self) -> None:
        self.frames: list[Json] = []
        self.ended: Json | None = None
        self.code: int | None = None

    @property
    def events(self) -> list[Json]:
        return [frame for frame in self.frames if "." in frame["type"]]

    @property
    def positions(self) -> list[int]:
        return [event["position"] for event in self.events]

    @property
    def position(self) -> int:
        """Where to resume."""
        return int(self.frames[-1]["position"])

    def of(self, kind: str) -> list[Json]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def heard(self, kind: str, count: int = 1, within: float = 10.0) -> Json:
        await until(lambda: len(self.of(kind)) >= count or self.ended is not None, within)
        assert len(self.of(kind)) >= count, (kind, self.ended, self.frames)
        return self.of(kind)[count - 1]

    async def reached(self, position: int, within: float = 20.0) -> None:
        await until(lambda: bool(self.frames) and self.position >= position, within)

    async def closed(self, within: float = 10.0) -> tuple[int | None, str]:
        """The close code and the reason's stable name."""
        await until(lambda: self.ended is not None, within)
        assert self.ended is not None
        return self.code, self.ended.get("code", "")


class SocketStream(Stream):
    def __init__(self, socket: ClientConnection) -> None:
        super().__init__()
        self.socket = socket

    async def read(self) -> None:
        try:
            async for message in self.socket:
                self.frames.append(json.loads(message))
        except ConnectionClosed:
            pass
        self.code = self.socket.close_code
        reason = self.socket.close_reason or "{}"  # JSON if it is ours
        self.ended = json.loads(reason) if reason.startswith("{") else {"code": reason}

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))


@asynccontextmanager
async def socket_to(
    app: RunningApp, token: str | None, parameters: Parameters = (), **options: Any
) -> AsyncIterator[SocketStream]:
    """A WebSocket, read in the background; `token` goes into the header."""
    url = f"{app.base.replace('http', 'ws', 1)}/v1/stream?{urlencode(parameters)}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(url, additional_headers=headers, compression=None, **options) as socket:
        stream = SocketStream(socket)
        async with _in_background(stream.read()):
            yield stream


class SentStream(Stream):
    """Server-sent events. `last_id` is what a browser would send as `Last-Event-ID`."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.last_id = ""
        self.ids: list[str] = []
        self.retry: int | None = None

    async def read(self) -> None:
        fields: dict[str, str] = {}
        with suppress(httpx.HTTPError):
            async for line in self.answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                else:
                    self._take(fields)
                    fields = {}
        self.ended = self.ended or {}

    def _take(self, fields: dict[str, str]) -> None:
        if "retry" in fields:
            self.retry = int(fields["retry"])
        if "data" not in fields:
            return
        frame = json.loads(fields["data"])
        assert frame["type"] == fields["event"]
        if fields["event"] == "close":
            self.ended = frame
            return
        self.last_id = fields["id"]
        self.ids.append(self.last_id)
        self.frames.append(frame)


@asynccontextmanager
async def sent_by(
    app: RunningApp, token: str, parameters: Parameters = (), **headers: str
) -> AsyncIterator[SentStream]:
    """Server-sent events, read in the background."""
    sent = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream", **headers}
    url = f"/v1/stream?{urlencode(parameters)}"
    async with (
        httpx.AsyncClient(base_url=app.base, timeout=None) as client,
        client.stream("GET", url, headers=sent) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        stream = SentStream(answer)
        async with _in_background(stream.read()):
            yield stream


@asynccontextmanager
async def _in_background(reading: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(reading)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def narrow(app: RunningApp) -> socket.socket:
    """A connection whose buffers take little."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = app.base.removeprefix("http://").split(":")
    made.connect((host, int(port)))
    return made


def narrow_socket(app: RunningApp, who: "Person") -> connect:
    """A client that takes little, and only what it is asked to."""
    return connect(
        f"{app.base.replace('http', 'ws', 1)}/v1/stream",
        sock=narrow(app),
        additional_headers=who.headers,
        compression=None,
        max_queue=1,
        ping_interval=None,
        close_timeout=0,
    )


class Person:
    """An account and what it does."""

    def __init__(self, app: RunningApp, registered: Json) -> None:
        self.app = app
        self.id = registered["account"]["id"]
        self.session = registered["session"]
        self.token = registered["access_token"]
        self.refresh_token = registered["refresh_token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def does(self, method: str, path: str, **body: object) -> httpx.Response:
        sent = {"json": body} if body else {}
        answer = await self.app.client.request(method, path, headers=self.headers, **sent)  # type: ignore[arg-type]
        assert answer.is_success, answer.text
        return answer

    async def adds(self, title: str = "Buy milk", workspace: str | None = None) -> int:
        """A task; the position after it."""
        place = {"workspace": workspace} if workspace else {}
        answer = await self.does("POST", "/v1/tasks", title=title, **place)
        return int(answer.headers["Tasktrail-Position"])

    async def adds_many(self, count: int, workspace: str | None = None) -> int:
        made = [await self.adds(f"task {number}", workspace) for number in range(count)]
        return made[-1]

    async def opens_workspace(self) -> str:
        return str((await self.does("POST", "/v1/workspaces", name="Team")).json()["id"])

    async def invites(self, other: "Person", workspace: str, role: str = "member") -> int:
        path = f"/v1/workspaces/{workspace}/members"
        answer = await self.does("POST", path, account=other.id, role=role)
        return int(answer.headers["Tasktrail-Position"])

    async def removes(self, other: "Person", workspace: str) -> int:
        answer = await self.does("DELETE", f"/v1/workspaces/{workspace}/members/{other.id}")
        return int(answer.headers["Tasktrail-Position"])


async def person(app: RunningApp) -> Person:
    return Person(app, await app.register())
