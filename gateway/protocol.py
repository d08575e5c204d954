"""uvicorn's HTTP protocol with what it lacks: no client holds a connection by being slow.

Deadlines for the headers, for a body nobody waits for any more and for taking the answer, and a
limit on the headers' size. (The body of a request that is being answered has its deadline in
`gateway/edge.py`.) A request that arrives in one piece costs no timer.
"""

import asyncio
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.exchange import BROKEN
from gateway.resources.problems import problem_members
from infra.settings import Settings

MAX_HEADER_BYTES = 32 << 10
MAX_FRAMING_BYTES = 8 << 20  # enough for a body of the largest JSON in chunks of one byte
LINGER_SECONDS = 5.0


class _Phase(Enum):
    IDLE = 0
    HEADERS = 1
    BODY = 2


class _HeadersTooLarge(Exception):
    """More than `MAX_HEADER_BYTES` of them."""


class GuardedProtocol(HttpToolsProtocol):
    def __init__(self, *args: Any, settings: Settings, **named: Any) -> None:
        super().__init__(*args, **named)
        self._header_seconds = settings.header_seconds
        self._write_seconds = settings.request_seconds
        self._linger_seconds = min(LINGER_SECONDS, settings.header_seconds)
        self._phase = _Phase.IDLE
        self._received = 0  # bytes of this message, but for what came with the last one
        self._content = 0  # bytes of its body
        self._pipelined = False
        self._too_large = False
        self._late: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(self._header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is _Phase.IDLE:
            self._received, self._pipelined = 0, False
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            self._disarm()
        elif self._phase is _Phase.HEADERS:
            if self._received > MAX_HEADER_BYTES:
                self._refuse_size()
            else:
                self._arm(self._header_seconds)
        elif self._phase is _Phase.BODY:
            if self._received - self._content > MAX_FRAMING_BYTES:
                self._refuse_framing()
            elif self.cycle.response_complete:
                self._arm(self._linger_seconds)
            else:
                self._disarm()
        elif self._running or self.timeout_keep_alive_task is not None:
            self._disarm()
        else:  # bytes that begin no message, such as empty lines
            self._arm(self._header_seconds)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase = _Phase.HEADERS
        self._content = 0

    def on_headers_complete(self) -> None:
        if self._pipelined or self._received > MAX_HEADER_BYTES:
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size + len(self.url) > MAX_HEADER_BYTES:
                self._too_large = True
                raise _HeadersTooLarge
        super().on_headers_complete()
        self._phase = _Phase.BODY

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers, which come behind the body, are nobody's."""
        if self._phase is _Phase.HEADERS:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self._content += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.scope["state"]["whole"] = True
        self._phase = _Phase.IDLE
        self._received, self._pipelined = 0, True

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase is _Phase.BODY and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._arm(self._linger_seconds)

    def send_400_response(self, msg: str) -> None:
        """Also called for what our callbacks raise while the parser runs."""
        if self._too_large:
            self._refuse_size()
        else:
            self._refuse(*_UNREADABLE)

    def handle_websocket_upgrade(self) -> None:
        """What is no handshake would be kept for ever, without an answer."""
        super().handle_websocket_upgrade()
        upgraded: Any = self.transport.get_protocol()
        if upgraded.conn.handshake_exc is not None and not self.transport.is_closing():
            self._refuse(*_NO_HANDSHAKE)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self._stuck or self.loop.call_later(self._write_seconds, self._abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    @property
    def _running(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _arm(self, seconds: float) -> None:
        """A deadline that runs already stays: more bytes do not put it off."""
        if self._late is None:
            self._late = self.loop.call_later(seconds, self._expire)

    def _disarm(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _expire(self) -> None:
        self._late = None
        if self.transport.is_closing():
            return
        if self._phase is _Phase.BODY:
            self._abort()
        elif self._phase is _Phase.HEADERS and not self._running:
            self._refuse(*_HEADERS_TOO_SLOW)
        else:
            self.transport.close()

    def _abort(self) -> None:
        self.transport.abort()

    def _refuse_size(self) -> None:
        self._refuse(*_URL_TOO_LONG if len(self.url) > MAX_HEADER_BYTES / 2 else _HEADERS_TOO_LARGE)

    def _refuse_framing(self) -> None:
        if self._running:
            self._refuse(*_UNREADABLE)
        else:
            self._abort()

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer and close. Behind a request that is still being answered, only close; who reads
        its body, if that is what was refused, is told."""
        self._disarm()
        if self._running:
            self.cycle.keep_alive = False
            if self._phase is _Phase.BODY:
                self.scope["state"][BROKEN] = True
                self.cycle.message_event.set()
            self.flow.pause_reading()
            return
        content = msgspec.json.encode(problem_members(status, code, detail))
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s"
            % (status, HTTPStatus(status).phrase.encode(), len(content), content)
        )
        self.transport.close()


_UNREADABLE = (400, "malformed", "this is no HTTP/1.1 request")
_NO_HANDSHAKE = (
    400,
    "malformed",
    "a WebSocket is opened by a GET without a body, with few and short headers",
)
_HEADERS_TOO_SLOW = (408, "too-slow", "the headers did not arrive in time")
_URL_TOO_LONG = (414, "url-too-long", "the URL is too long")
_HEADERS_TOO_LARGE = (
    431,
    "headers-too-large",
    f"the headers may have at most {MAX_HEADER_BYTES} bytes",
)


def guarded(settings: Settings) -> Any:
    """What uvicorn's `http` option takes."""
    return partial(GuardedProtocol, settings=settings)
