"""The live stream as server-sent events."""

import asyncio
from typing import Annotated, Any, cast

import msgspec
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from events.envelope import Caller
from gateway.http import HttpRequest
from gateway.live.closing import LEFT, Closing
from gateway.live.frames import Frame
from gateway.live.service import Live
from gateway.live.subscription import Subscription
from queries.audit import Place, Wanted, read_place
from queries.routes.events import provide_wanted

RETRY_MILLISECONDS = 2_000
_PENDING_BYTES = 64 << 10
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]

After = Annotated[
    str | None,
    QueryParameter(description="A position, or the id of an event; without it, from now."),
]
LastEventId = Annotated[str | None, HeaderParameter(name="Last-Event-ID")]


@get(
    "/stream",
    operation_id="stream",
    include_in_schema=False,
    dependencies={"wanted": Provide(provide_wanted)},
)
async def stream_over_sse(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    live: NamedDependency[Live],
    wanted: NamedDependency[Wanted],
    after: After = None,
    last_event_id: LastEventId = None,
) -> ASGIApp:
    """Described at /v1/asyncapi.json. Whoever reconnects sends `Last-Event-ID`, which counts for
    more than the `after` of the URL."""
    place = read_place(after) if after is not None else None
    if last_event_id:
        place = read_place(last_event_id, "Last-Event-ID")
    token = request.headers["authorization"].partition(" ")[2]
    return cast(ASGIApp, _Answer(live, token, wanted, place))


class _Answer:
    def __init__(self, live: Live, token: str, wanted: Wanted, place: Place | None) -> None:
        self._live = live
        self._token = token
        self._wanted = wanted
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pipe = Pipe(self._live)
        async with self._live.subscribed(self._token, self._wanted, self._place, pipe) as opened:
            start = {"type": "http.response.start", "status": 200, "headers": list(_HEADERS)}
            await send(cast(Any, start))
            if scope["state"].get("head"):
                await send(cast(Any, {"type": "http.response.body", "body": b""}))
                return
            leaving = asyncio.create_task(_end_when_left(opened, receive))
            try:
                await pipe.pump(send, opened)
            finally:
                leaving.cancel()


class Pipe:
    """An `Outlet` that gathers while the last piece is being sent."""

    def __init__(self, live: Live) -> None:
        self._log = live.tail.log_id
        self._pending = [b"retry: %d\n\n" % RETRY_MILLISECONDS]
        self._size = 0
        self._closed = False
        self._changed = asyncio.Event()
        self._empty = asyncio.Event()

    @property
    def ready(self) -> bool:
        return self._size < _PENDING_BYTES

    def write(self, frame: Frame) -> None:
        self._put(frame.server_sent(self._log))

    async def drained(self) -> None:
        while not self.ready and not self._closed:
            self._empty.clear()
            await self._empty.wait()

    def close(self, closing: Closing) -> None:
        members = {"type": "close", "code": closing.name, "position": closing.position}
        self._put(b"event: close\ndata: %s\n\n" % msgspec.json.encode(members))
        self._closed = True
        self._empty.set()

    async def pump(self, send: Send, subscription: Subscription) -> None:
        """Until it is closed."""
        while not (self._closed and not self._pending):
            await self._changed.wait()
            self._changed.clear()
            piece = b"".join(self._pending)
            self._pending.clear()
            self._size = 0
            if piece:
                body = {"type": "http.response.body", "body": piece, "more_body": True}
                await send(cast(Any, body))
            self._empty.set()
            subscription.flush()
        await send(cast(Any, {"type": "http.response.body", "body": b"", "more_body": False}))

    def _put(self, piece: bytes) -> None:
        self._pending.append(piece)
        self._size += len(piece)
        self._changed.set()


async def _end_when_left(subscription: Subscription, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.end(LEFT)
