"""One reader of the feed for all in this process who follow the log near its end.

Otherwise each receives and decodes every event for itself, which is most of what a small event
costs a worker with several projections.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from itertools import islice

from events.envelope import Recorded
from infra.source import EventSource

KEPT = 500


class SharedSource:
    """As `EventSource`, for many at once. Who does not keep pace with the last `KEPT` events
    reads the log by himself until he does; nobody waits for him."""

    def __init__(self, source: EventSource[Recorded]) -> None:
        self._source = source
        self._tail: _Tail | None = None

    async def batches(self, after: int) -> AsyncGenerator[list[Recorded], None]:
        """Every event after position `after`, once and in order, as soon as it is there; for ever.

        Raises what `EventSource` does. Close it (`contextlib.aclosing`) when you leave it early.
        """
        position = after
        while True:
            async with aclosing(self._source.past(position)) as past:
                async for batch in past:
                    position = batch[-1].position
                    yield batch
            with self._following(position) as tail:
                while batch := await tail.after(position):
                    position = batch[-1].position
                    yield batch

    @contextmanager
    def _following(self, position: int) -> Iterator["_Tail"]:
        """The one tail, begun here unless it runs; it ends with its last follower."""
        if self._tail is None or self._tail.ended:
            self._tail = _Tail(self._source, position)
        tail = self._tail
        tail.followers += 1
        try:
            yield tail
        finally:
            tail.followers -= 1
            if not tail.followers:
                tail.end()


class _Tail:
    """The last events from `position` on."""

    def __init__(self, source: EventSource[Recorded], position: int) -> None:
        self._source = source
        self._kept: deque[Recorded] = deque(maxlen=KEPT)
        self._last = position
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read(), name="shared source")
        self.ended = False
        self.followers = 0

    async def after(self, position: int) -> list[Recorded]:
        """What comes next, as soon as it is there; nothing if it is not kept any more."""
        while self._last <= position:
            if self._reading.done():
                self._reading.result()  # raises what ended it
            await self._news.wait()
        skipped = position - (self._last - len(self._kept))
        return list(islice(self._kept, skipped, None)) if skipped >= 0 else []

    def end(self) -> None:
        """What waits for NATS may swallow the cancellation, and sees `ended` then."""
        self.ended = True
        self._reading.cancel()

    async def _read(self) -> None:
        try:
            async with aclosing(self._source.batches(self._last)) as batches:
                async for batch in batches:
                    if self.ended:
                        return
                    self._kept.extend(batch)
                    self._last = batch[-1].position
                    self._tell()
        finally:
            self.ended = True
            self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
