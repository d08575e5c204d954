"""uvicorn's WebSocket protocol with what it lacks: the transport within reach, and a deadline.

What is broadcast goes out as frames that were made once for everyone, and who does not read is
told so behind what it has not read. A client that takes nothing for long is cut off: closing
waits for what was written, and pings would wait behind it too.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gateway.live.closing import Closing
from gateway.live.frames import Frame
from infra.settings import Settings

EXTENSION = "tasktrail.connection"


class Mailbox:
    """What uvicorn needs of an `asyncio.Queue`, for one reader and in a tenth of the memory."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        return not self._messages

    async def get(self) -> Any:
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._messages.pop(0)


class Connection(WebSocketsSansIOProtocol):
    """Found in the scope's extensions. It is an `Outlet` once the handshake is done."""

    def __init__(self, *args: Any, settings: Settings, **named: Any) -> None:
        super().__init__(*args, **named)
        self.queue = cast(Any, Mailbox())
        self._write_seconds = settings.request_seconds
        self._stuck: asyncio.TimerHandle | None = None
        self.on_ready: Callable[[], None] | None = None
        self.closing: Closing | None = None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self

    async def send(self, message: Any) -> None:
        """uvicorn forgets that a refusal completes a handshake, and would log it as a fault."""
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True

    def forget_handshake(self) -> None:
        """Headers are a fifth of what an idle connection takes, and the parser holds on to them."""
        self.request.headers.clear()
        self.response.headers.clear()
        cast(list[Any], self.scope["headers"]).clear()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._part()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._part()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._hurry()

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            self._go_on()
        super().resume_writing()
        if self.on_ready is not None:
            self.on_ready()

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)

    @property
    def ready(self) -> bool:
        return self.writable.is_set() and not self.close_sent and not self.transport.is_closing()

    def write(self, frame: Frame) -> None:
        self.transport.write(frame.wire)

    async def drained(self) -> None:
        await self.writable.wait()

    def close(self, closing: Closing) -> None:
        """As uvicorn does for `websocket.close`, but without waiting for the client to read."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.closing = closing
        reason = closing.reason.decode()
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": closing.code, "reason": reason}
        )
        self.conn.send_close(closing.code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self._hang_up)

    def _hang_up(self) -> None:
        self.transport.close()
        self._part()

    def _part(self) -> None:
        """Even what little is unread would keep a transport that closes for ever."""
        if self.transport.is_closing() and not self.disconnected:
            self._hurry()

    def _hurry(self) -> None:
        if self._stuck is None:
            self._stuck = self.loop.call_later(self._write_seconds, self.transport.abort)

    def _go_on(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None


def connections(settings: Settings) -> Any:
    """What uvicorn's `ws` option takes."""
    return partial(Connection, settings=settings)
