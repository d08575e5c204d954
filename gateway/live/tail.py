"""Where does this process stand in the log, and what happened last?"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol
from uuid import UUID

from events.cloud import Event
from events.refusals import Unavailable
from gateway.live.audience import Audience
from gateway.live.closing import LOG_CHANGED
from gateway.live.frames import EventFrame
from gateway.live.ring import Ring
from gateway.logs import described

_log = logging.getLogger(__name__)

LATE_SECONDS = 5.0
_PREFILLED = 2_000
_BURST = 100
_TOLD_AT_ONCE = 2_000
_ROOM_SECONDS = 0.05
_LOOKS = 10
_PAUSE = 0.5

OnEvent = Callable[[Event], None]


class Log(Protocol):
    @property
    def log_id(self) -> UUID: ...
    async def head(self) -> int: ...


class Source(Protocol):
    def batches(self, after: int) -> AsyncGenerator[Sequence[Event], None]:
        """Every event after that position, once and in order, for ever."""
        ...


class Tail:
    """Follows the whole log once for everybody in this process.

    `ring` has the last events, `audience` is told of each, and so are the `listeners`, first.
    """

    def __init__(self, log: Log, source: Source, *, late_seconds: float = LATE_SECONDS) -> None:
        self._log = log
        self._source = source
        self._late_seconds = late_seconds
        self._fresh_at = float("-inf")
        self._asked: tuple[float, int] | None = None
        self._begun = asyncio.Event()
        self.listeners: list[OnEvent] = []
        self.ring = Ring()
        self.audience = Audience()

    @property
    def log_id(self) -> UUID:
        return self._log.log_id

    @property
    def position(self) -> int:
        return self.ring.last

    @property
    def is_late(self) -> bool:
        """Whether it may lack what was in the log `late_seconds` ago."""
        return _now() - self._fresh_at > self._late_seconds

    async def begun(self, within: float = 2.0) -> None:
        """Once it follows the log. Raises `Unavailable`."""
        try:
            async with asyncio.timeout(within):
                await self._begun.wait()
        except TimeoutError:
            raise Unavailable("this process does not follow the log yet") from None

    async def run(self) -> None:
        """For ever. What goes wrong here is said, and then the log is followed anew."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask_for_the_head(), name="head")
            while True:
                try:
                    await self._follow()
                except Unavailable as error:
                    _log.warning("cannot follow the log: %s", error)
                except Exception as error:
                    _log.error("the tail broke at %d: %s", self.position, described(error))
                await asyncio.sleep(_PAUSE)

    async def _follow(self) -> None:
        """Raises whatever the source does: so if the log lost what was read from it."""
        head = await self._log.head()
        if not self._begun.is_set():
            self.ring.begin(max(0, head - _PREFILLED))
        elif head < self.position:
            _log.error("the log ends at %d, but %d was read from it", head, self.position)
            for subscription in self.audience.everyone():
                subscription.end(LOG_CHANGED)
            self.ring.begin(head)
        async with aclosing(self._source.batches(self.position)) as batches:
            self._begun.set()
            async for batch in batches:
                await self._take(batch)

    async def _take(self, batch: Sequence[Event]) -> None:
        told = 0
        for number, event in enumerate(batch, 1):
            frame = EventFrame(event, self.log_id)
            for listener in self.listeners:
                listener(event)
            self.ring.append(frame)
            told += self.audience.take(event, frame)
            if told > _TOLD_AT_ONCE:
                told = 0
                await asyncio.sleep(0)
            if number % _BURST == 0:
                await self._make_room()
        self._heard()

    async def _make_room(self) -> None:
        """After a burst, let writers write: a client is slow only if others keep pace."""
        await asyncio.sleep(0)
        for _ in range(_LOOKS):
            if not any(subscription.crowded for subscription in self.audience.everyone()):
                return
            await asyncio.sleep(_ROOM_SECONDS / _LOOKS)

    async def _ask_for_the_head(self) -> None:
        while True:
            asked_at = _now()
            try:
                self._asked = asked_at, await self._log.head()
                self._heard()
            except Unavailable as error:
                _log.debug("cannot ask for the head: %s", error)
            await asyncio.sleep(1)

    def _heard(self) -> None:
        if self._asked is not None and self._begun.is_set() and self.position >= self._asked[1]:
            self._fresh_at, self._asked = self._asked[0], None


def _now() -> float:
    return asyncio.get_running_loop().time()
