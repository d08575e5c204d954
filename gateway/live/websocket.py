"""The live stream as a WebSocket."""

import asyncio
import logging
import time
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import WebSocket, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency

from events.refusals import Invalid, Refusal, TooMany, Unauthenticated
from gateway.live.closing import FAILED, LATER, NORMAL, Closing, closing_of
from gateway.live.connection import EXTENSION, Connection
from gateway.live.frames import Heartbeat, control_frame
from gateway.live.service import Live
from gateway.live.subscription import Subscription
from gateway.logs import ACCESS, described
from queries.audit import Place, Wanted, read_place, wanted_of

_log = logging.getLogger(__name__)
_access = logging.getLogger(ACCESS)

SUBPROTOCOL = "tasktrail.v1"
_BEARER = "bearer."
_FILTERS = ("workspace", "noun", "resource")
_AWAY = Closing(LATER, "unavailable")


class Auth(msgspec.Struct, frozen=True, tag="auth", forbid_unknown_fields=True):
    """Signs in, or goes on with a newer token of the same account."""

    token: str


class Ping(msgspec.Struct, frozen=True, tag="ping", forbid_unknown_fields=True):
    """Is answered with a heartbeat, for clients that cannot send WebSocket pings."""


class Hangup(Exception):
    """The client has left, or was sent away."""


Message = Auth | Ping

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


@websocket("/stream")
async def stream_over_websocket(
    socket: WebSocket[Any, Any, State], live: NamedDependency[Live]
) -> None:
    """Described at /v1/asyncapi.json."""
    connection, began = _connection(socket), time.monotonic()
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        await _converse(socket, live, connection)
    except Hangup:
        pass
    except Refusal as refusal:
        connection.close(closing_of(refusal))
    except Exception as error:
        outage = isinstance(error, ConnectionError)
        _log.error("a stream broke: %s", described(error))
        connection.close(_AWAY if outage else FAILED)
    finally:
        _say_how_it_ended(socket, connection.closing, time.monotonic() - began)


async def _converse(socket: WebSocket[Any, Any, State], live: Live, connection: Connection) -> None:
    settings = socket.app.state.settings
    inbox = Inbox(socket, settings.socket_messages)
    place, wanted = read_query(socket.scope["query_string"])
    token = offered_token(socket)
    connection.forget_handshake()
    token = token or await _first_token(inbox, settings.header_seconds)
    async with live.subscribed(token, wanted, place, connection) as subscription:
        connection.on_ready = subscription.flush
        try:
            await _listen(inbox, live, subscription)
        except Refusal as refusal:
            subscription.end(closing_of(refusal))


def _connection(socket: WebSocket[Any, Any, State]) -> Connection:
    extensions: Any = socket.scope["extensions"]
    found: Connection = extensions[EXTENSION]
    return found


async def _first_token(inbox: "Inbox", within: float) -> str:
    try:
        async with asyncio.timeout(within):
            while not isinstance(message := await inbox.message(), Auth):
                pass
            return message.token
    except TimeoutError:
        raise Unauthenticated("no token came in time", code="no-token") from None


async def _listen(inbox: "Inbox", live: Live, subscription: Subscription) -> None:
    while True:
        match await inbox.message():
            case Auth(token=token):
                await live.extend(subscription, token)
            case Ping():
                subscription.send(control_frame(Heartbeat(subscription.told)))


def _say_how_it_ended(
    socket: WebSocket[Any, Any, State], closing: Closing | None, seconds: float
) -> None:
    """As one line, like that of a request. Who left by themselves was not sent away."""
    code, name = (closing.code, closing.name) if closing else (NORMAL, "left")
    fields = {
        "method": "WEBSOCKET",
        "route": socket.scope["path"],
        "status": code,
        "reason": name,
        "ms": round(seconds * 1000, 2),
        "request": socket.scope["state"].get("request_id"),
    }
    _access.info("WEBSOCKET %s %d", socket.scope["path"], code, extra={"fields": fields})


class Inbox:
    """What the client says; not too much of it."""

    def __init__(self, socket: WebSocket[Any, Any, State], a_second: int) -> None:
        self._socket = socket
        self._limit = a_second
        self._times: list[float] = []

    async def message(self) -> Message:
        """Raises `Hangup`, `Invalid` or `TooMany`."""
        received: Any = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise Hangup
        now = asyncio.get_running_loop().time()
        self._times = [*(then for then in self._times if now - then < 1), now]
        if len(self._times) > self._limit:
            raise TooMany(f"at most {self._limit} messages a second", retry_after=1)
        try:
            return _decoder.decode(received.get("text") or b"")
        except (msgspec.MsgspecError, UnicodeError):
            raise Invalid("send auth or ping", code="unknown-message") from None


def offered_token(socket: WebSocket[Any, Any, State]) -> str | None:
    """From the header, or from the subprotocols: a browser can set only those."""
    for name, value in socket.scope["headers"]:
        scheme, _, token = value.decode("latin-1").partition(" ")
        if name == b"authorization" and scheme.lower() == "bearer" and token:
            return token
    for protocol in socket.scope["subprotocols"]:
        if protocol.startswith(_BEARER):
            return protocol.removeprefix(_BEARER)
    return None


def read_query(query: bytes) -> tuple[Place | None, Wanted]:
    """Raises `Invalid`."""
    place: Place | None = None
    filters: dict[str, list[str]] = {name: [] for name in _FILTERS}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in filters:
            filters[name].append(value)
        elif name == "after" and place is None:
            place = read_place(value)
        else:
            code = "repeated-parameter" if name == "after" else "unknown-parameter"
            raise Invalid("no such parameter", code=code, field=name)
    return place, wanted_of(
        [_workspace(text) for text in filters["workspace"]], filters["noun"], filters["resource"]
    )


def _workspace(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("must be a workspace's id", field="workspace") from None
