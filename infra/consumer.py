"""How does a reader follow the log, live and without a gap, whatever happens to NATS?"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Generic, TypeVar

from nats.aio.msg import Msg

from events.cloud import Event
from events.envelope import Recorded, Unreadable
from events.refusals import Unavailable
from infra.jetstream import stream_name
from infra.nats import FAILED, Nats
from infra.pull import Pull, sequence_of
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
    """Follows the log through JetStream and, for whatever is unexpected there, from Postgres.
    `decode` reads messages, and raises for those that are to be read from the log instead.

    `from_log` and `from_stream` count where events came from, `repairs` how often the stream had
    to be left.
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
        self._stream = stream_name(prefix, reader.log_id)
        self._batch = batch
        self.from_log = 0
        self.from_stream = 0
        self.repairs = 0

    async def batches(self, after: int) -> AsyncGenerator[list[Recorded] | list[E], None]:
        """Every event after position `after`, once and in order, as soon as it is there; for ever.

        An event that nobody can read stands as `Unreadable`, with the reason from the log.
        Raises `BeyondHead`. Close it (`contextlib.aclosing`) when you leave it early.
        """
        position = after
        while True:
            async for batch in self.past(position):
                position = batch[-1].position
                yield batch
            opened = _now()
            async with aclosing(self._from_stream(position)) as stream:
                async for received in stream:
                    self.from_stream += len(received)
                    position = received[-1].position
                    yield received
            self.repairs += 1
            await asyncio.sleep(max(0.0, _PAUSE - (_now() - opened)))

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

    async def _from_stream(self, position: int) -> AsyncGenerator[list[E], None]:
        """Until something is not as expected."""
        try:
            pull = await Pull.open(self._nats, self._stream, position + 1)
        except FAILED as error:
            logger.debug("cannot follow the stream after %d: %s", position, error)
            return
        try:
            while True:
                messages = await pull.messages(self._batch, _SILENCE)
                if not messages and await self._head() > position:
                    logger.info("the stream is silent after %d, the log is not", position)
                    return
                batch = in_order(messages, position, self._decode)
                if batch:
                    yield batch
                    position = batch[-1].position
                if len(batch) < len(messages):
                    logger.info("the stream does not go on after %d", position)
                    return
        except FAILED as error:
            logger.info("the stream broke after %d: %s", position, error)
        finally:
            await pull.close()

    async def _head(self) -> int:
        try:
            return await self._reader.head()
        except Unavailable:
            return 0  # then there is nothing to read from Postgres either


def in_order(messages: list[Msg], position: int, decode: Decode[E]) -> list[E]:
    """The events that continue `position` without a gap; up to one that is not what it must be."""
    batch: list[E] = []
    for message in messages:
        try:
            event = decode(message.data)
            sequence = sequence_of(message)
        except Exception as error:  # an upcast may raise anything on a damaged state, and quote it
            kind = type(error).__name__
            logger.info("the message after %d is no event that we know: %s", position, kind)
            break
        position += 1
        if not event.position == sequence == position or _is_unreadable(event):
            break
        batch.append(event)
    return batch


def _is_unreadable(event: Event) -> bool:
    return isinstance(event, Recorded) and isinstance(event.fact, Unreadable)


def _now() -> float:
    return asyncio.get_running_loop().time()
