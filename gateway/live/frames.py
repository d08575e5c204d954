"""What is sent to live clients: CloudEvents, and a few frames about the stream itself.

Each is JSON with a `type` and a `position`; the types of events have a dot in them, the others do
not. An event is encoded once for everyone, with the WebSocket header before it, which is the same
for all clients because servers do not mask.
"""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from events.cloud import Event, encode_cloud_event

_encoder = msgspec.json.Encoder()
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


class Hello(msgspec.Struct, frozen=True, tag="hello", kw_only=True):
    """The first one: everything after `position` follows, as far as you may see it. `until` is
    when the access token ends."""

    position: int
    log: UUID
    account: UUID
    workspaces: list[UUID]
    until: datetime


class Live(msgspec.Struct, frozen=True, tag="live"):
    """You have caught up; from here on events arrive as they happen."""

    position: int


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat"):
    """Nothing for you happened up to `position`: resume from there."""

    position: int


class Authenticated(msgspec.Struct, frozen=True, tag="authenticated"):
    """The answer to an `auth` message on an open stream."""

    position: int
    until: datetime


Control = Hello | Live | Heartbeat | Authenticated


class Frame:
    """`wire` is a whole WebSocket frame, and `name` the type of what is in it."""

    __slots__ = ("_start", "name", "position", "wire")

    def __init__(self, position: int, name: str, data: bytes) -> None:
        header = _header(len(data))
        self._start = len(header)
        self.wire = header + data
        self.position = position
        self.name = name

    @property
    def data(self) -> bytes:
        return self.wire[self._start :]

    def server_sent(self, log: UUID) -> bytes:
        """As a server-sent event, whose id is where to resume."""
        head = f"id: {self.position}@{log}\nevent: {self.name}\ndata: ".encode()
        return b"%s%s\n\n" % (head, self.data)


class EventFrame(Frame):
    """An event, with what decides who wants it."""

    __slots__ = ("owner", "stream")

    def __init__(self, event: Event, log: UUID) -> None:
        super().__init__(event.position, event.topic, encode_cloud_event(event, log))
        self.owner = event.owner
        self.stream = event.stream


def control_frame(control: Control) -> Frame:
    name: str = control.__struct_config__.tag  # type: ignore[assignment]
    return Frame(control.position, name, _encoder.encode(control))


def moment_at(seconds: float) -> datetime:
    """Tokens of others may last longer than there are dates."""
    return datetime.fromtimestamp(min(seconds, _LAST), UTC)


def _header(length: int) -> bytes:
    """Of one unfragmented, unmasked text frame (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")
