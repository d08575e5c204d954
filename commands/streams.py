"""The streams lately folded, so that a busy one is not read again for each command."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from commands.base import Decider, S, Stream, fold
from events.cloud import Event
from events.envelope import Recorded


class Reader(Protocol):
    async def stream(
        self, stream: UUID, *, after: int = 0, up_to: int | None = None
    ) -> list[Recorded]: ...
    async def newest(self, stream: UUID) -> list[Recorded]: ...
    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]: ...
    async def tolerant_after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]: ...


class StreamCache:
    """What is in here may be behind the log but is never wrong: streams only grow.

    At most `size` streams, and `length` characters of their long texts.
    """

    def __init__(self, reader: Reader, size: int = 20_000, length: int = 16 << 20) -> None:
        self._reader = reader
        self._size = size
        self._length = length
        self._kept = 0
        self._streams: OrderedDict[UUID, Stream[Any]] = OrderedDict()

    async def load(self, id: UUID, decider: Decider[S], *, fresh: bool) -> Stream[S]:
        """`fresh` asks the log for what came since; without it memory is believed. The id of
        another noun's stream names nothing here."""
        nothing = Stream(id=id, state=decider.initial)
        known = self._streams.get(id)
        if known is not None and type(known.state) is not type(decider.initial):
            return nothing
        if known is not None and not fresh:
            self._streams.move_to_end(id)
            return known
        stream = known or nothing
        if decider.newest:
            found = await self._reader.newest(id)
            events = [event for event in found if event.version > stream.version]
        else:
            events = await self._reader.stream(id, after=stream.version)
        if events and events[0].noun != decider.noun:
            return nothing
        stream = fold(decider, stream, events)
        if stream.version:
            self.keep([stream])
        return stream

    def heard(self, event: Event) -> None:
        """What is behind this event is read again when it is next asked for."""
        known = self._streams.get(event.stream)
        if known is not None and known.version < event.version:
            self._forget(event.stream)

    def keep(self, streams: Iterable[Stream[Any]]) -> None:
        for stream in streams:
            known = self._forget(stream.id)
            newer = known if known is not None and known.version >= stream.version else stream
            self._streams[stream.id] = newer
            self._kept += _length(newer)
        while len(self._streams) > self._size or self._kept > self._length:
            self._forget(next(iter(self._streams)))

    def _forget(self, id: UUID) -> Stream[Any] | None:
        known = self._streams.pop(id, None)
        if known is not None:
            self._kept -= _length(known)
        return known


def _length(stream: Stream[Any]) -> int:
    """Of the one text of a state that may be long, whatever its noun calls it."""
    state = stream.state
    text = getattr(state, "description", None) or getattr(state, "content", None)
    return len(text) if text else 0
