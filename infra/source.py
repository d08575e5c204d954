"""How does a reader follow the log, live and without a gap, whatever happens to NATS?"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from events.cloud import Event
from events.envelope import Recorded, Unreadable
from events.refusals import Unavailable
from infra.feed import Feed, feed_subject
from infra.nats import Nats
from infra.reader import LogReader

logger = logging.getLogger(__name__)

BATCH = 500
_SILENCE = 1.0
_PAUSE = 0.5


class BeyondHead(Exception):
    """The reader is further than the log: the log lost what the reader has seen."""


E = TypeVar("E", bound=Event)
Decode = Callable[[bytes], E]


class EventSource(Generic[E]):
    """Follows the log by the relay's feed and, for whatever is unexpected there, from Postgres.
    `decode` reads an event, and raises for those that are to be read from the log instead.

    `from_log` and `from_feed` count where events came from, `repairs` how often the feed had to
    be left.
    """

    def __init__(
        self,
        nats: Nats,
        reader: LogReader,
        decode: Decode[E],
        *,
        prefix: str = "tasktrail",
        batch: int = BATCH,
    ) -> None:
        self._nats = nats
        self._reader = reader
        self._decode = decode
        self._subject = feed_subject(prefix, reader.log_id)
        self._batch = batch
        self.from_log = 0
        self.from_feed = 0
        self.repairs = 0

    async def batches(self, after: int) -> AsyncGenerator[list[Recorded] | list[E], None]:
        """Every event after position `after`, once and in order, as soon as it is there; for ever.

        An event that nobody can read stands as `Unreadable`, with the reason from the log.
        Raises `BeyondHead`. Close it (`contextlib.aclosing`) when you leave it early.
        """
        position, feed = after, Feed()
        async with self._nats.receiving(self._subject, feed.receive):
            while True:
                async for batch in self.past(position):
                    position = batch[-1].position
                    feed.clear()  # the log has what came so far, and is read again
                    yield batch
                caught_up = _now()
                async with aclosing(self._from_feed(feed, position)) as received:
                    async for told in received:
                        self.from_feed += len(told)
                        position = told[-1].position
                        yield told
                self.repairs += 1
                await asyncio.sleep(max(0.0, _PAUSE - (_now() - caught_up)))

    async def past(self, position: int) -> AsyncGenerator[list[Recorded], None]:
        """What the log has after `position`, until there is nothing more, which nobody can say
        while Postgres is away. Raises `BeyondHead`."""
        while True:
            try:
                batch = await self._reader.tolerant_after(position, limit=self._batch)
                if not batch and (head := await self._reader.head()) < position:
                    raise BeyondHead(f"{position} was read, but the log ends at {head}")
            except Unavailable as error:
                logger.warning("cannot read the log after %d: %s", position, error)
                await asyncio.sleep(_PAUSE)
                continue
            if not batch:
                return
            self.from_log += len(batch)
            yield batch
            position = batch[-1].position

    async def _from_feed(self, feed: Feed, position: int) -> AsyncGenerator[list[E], None]:
        """Until something is not as expected."""
        until = _now() + _SILENCE
        while True:
            payloads = await feed.next(until)
            try:
                events = [self._decode(payload) for payload in payloads]
            except Exception as error:  # an upcast may raise anything on a damaged state
                kind = type(error).__name__  # and quote it
                logger.info("what came after %d is no event that we know: %s", position, kind)
                return
            if batch := continuing(events, position):
                yield batch
                position = batch[-1].position
                until = _now() + _SILENCE
            if events and events[-1].position > position:
                logger.info("the feed does not go on after %d", position)
                return
            if _now() >= until:
                if await self._differs(position):
                    logger.info("the feed is silent after %d, the log is not", position)
                    return
                until = _now() + _SILENCE

    async def _differs(self, position: int) -> bool:
        """Whether the log ends elsewhere; while Postgres is away nobody can say."""
        try:
            return await self._reader.head() != position
        except Unavailable:
            return False


def continuing(events: Sequence[E], position: int) -> list[E]:
    """Those that continue `position` without a gap, up to one that is to be read from the log;
    what was told before is passed over, as when two relays overlap."""
    batch: list[E] = []
    for event in events:
        if event.position <= position:
            continue
        position += 1
        if event.position != position or _is_unreadable(event):
            break
        batch.append(event)
    return batch


def _is_unreadable(event: Event) -> bool:
    return isinstance(event, Recorded) and isinstance(event.fact, Unreadable)


def _now() -> float:
    return asyncio.get_running_loop().time()
