"""What carries the log to NATS: to the stream, whose sequence is the log's position, and to our own
readers' feed."""

import asyncio
import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from events.cloud import encode_cloud_event, subject_of
from events.envelope import Recorded, Unreadable
from events.refusals import Unavailable
from infra.feed import feed_subject, pack
from infra.jetstream import EventStream
from infra.nats import FAILED, REQUEST_SECONDS, Nats
from infra.reader import LogReader

logger = logging.getLogger(__name__)

WINDOW = 500
_WINDOW_BYTES = 1 << 19
_HEADER_BYTES = 1024
# Under load, what a window costs besides its messages is shared by more of them: for each message
# of one, the next may grow so long.
_GATHER, _LONGEST_GATHERING = 0.0005, 0.02
_POLL = 1.0
_PAUSE = 0.2
_STUCK_AFTER = 3
_MAKE_AGAIN_EVERY = 8.0
_TOPIC = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+", re.ASCII)


class _Message(NamedTuple):
    position: int
    subject: str
    payload: bytes
    headers: dict[str, str]


class Relay:
    """Publishes every event in order. Two at once do no harm: the stream takes each position
    once, whoever sends it. `position` is what the stream has, `head` what the log was seen to
    have.
    """

    def __init__(
        self,
        nats: Nats,
        reader: LogReader,
        stream: EventStream,
        *,
        prefix: str,
        poll: float = _POLL,
    ) -> None:
        self._nats = nats
        self._reader = reader
        self._stream = stream
        self._prefix = prefix
        self._feed = feed_subject(prefix, reader.log_id)
        self._poll = poll
        self._wake = asyncio.Event()
        self._window = WINDOW
        self._complaint = ""
        self._told = 0
        self._unanswered = 0
        self._stands_at = 0
        self._made_again = -_MAKE_AGAIN_EVERY
        self.position = 0
        self.head = 0
        self.published = 0
        self.failures = 0

    @property
    def lag(self) -> int:
        return max(0, self.head - self.position)

    async def run(self) -> None:
        """Until cancelled, whatever happens to NATS and Postgres."""
        async with self._nats.listening(f"{self._prefix}.hints.appended", self._hear):
            while True:
                try:
                    await self._follow()
                except Exception as error:  # whatever it is, the stream says where to go on
                    await self._fail(error)

    async def _follow(self) -> None:
        """From where the stream is, until nobody has said anything for a while: then it is time
        to see whether the stream is still there."""
        await self._nats.wait_connected(self._poll)
        self.position = await self._stream.prepare(self._ask_head)
        if self._stuck():
            self._made_again = time.monotonic()
            self.position = await self._stream.make_again(self.head)
        connection = self._nats.connections
        while connection == self._nats.connections:
            self._wake.clear()
            await self._drain()
            try:
                async with asyncio.timeout(self._poll):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _stuck(self) -> bool:
        """The stream answers, has less than the log, and takes nothing of what reached it. While a
        disk stays full making it again does not help either, so not too often."""
        return (
            self._unanswered >= _STUCK_AFTER
            and self.position == self._stands_at
            and time.monotonic() - self._made_again > _MAKE_AGAIN_EVERY
        )

    async def _drain(self) -> None:
        while events := await self._reader.tolerant_after(self.position, limit=WINDOW):
            began = time.monotonic()
            self.head = max(self.head, events[-1].position)
            messages = [self._message(event) for event in events]
            most = min(_WINDOW_BYTES, self._nats.client.max_payload - _HEADER_BYTES)
            for window in _windows(messages, self._window, most):
                await self._publish(window)
                self._complaint, self._window = "", WINDOW
            if len(events) < WINDOW:
                gathering = min(_LONGEST_GATHERING, _GATHER * len(events))
                await asyncio.sleep(began + gathering - time.monotonic())

    async def _publish(self, window: Sequence[_Message]) -> None:
        """To our own readers first, who need no stream. Each message to the stream says which
        sequence must be the last, so it has either the whole window or its beginning, and the last
        message's acknowledgement is that of them all. A stream of another log that took our
        subjects refuses the first, and so the rest."""
        client, connection = self._nats.client, self._nats.connections
        await client.publish(self._feed, pack([message.payload for message in window]))
        window[0].headers["Nats-Expected-Stream"] = self._stream.name
        *earlier, last = window
        try:
            async with asyncio.timeout(2 * REQUEST_SECONDS):
                for message in earlier:
                    await client.publish(message.subject, message.payload, headers=message.headers)
                ack = await self._nats.jetstream.publish(
                    last.subject, last.payload, headers=last.headers
                )
        except TimeoutError:
            if self._nats.connected and connection == self._nats.connections:
                self._unanswered = self._unanswered + 1 if self.position == self._stands_at else 1
                self._stands_at = self.position
            raise
        self._unanswered = 0
        if ack.seq != last.position:
            raise ValueError(f"the stream has position {last.position} at sequence {ack.seq}")
        self.position = last.position
        self.published += len(window)

    def _message(self, event: Recorded) -> _Message:
        """What cannot be read or is too large is published without data, marked `unreadable`:
        no position may be missing, and readers turn to the log for it."""
        payload = encode_cloud_event(event, self._reader.log_id)
        if len(payload) > self._nats.client.max_payload - _HEADER_BYTES:
            reason = f"its {len(payload)} bytes are too large for NATS"
            event = msgspec.structs.replace(event, fact=Unreadable(event.topic, reason))
            payload = encode_cloud_event(event, self._reader.log_id)
        if isinstance(event.fact, Unreadable) and event.position > self._told:
            self._told = event.position
            logger.error(
                "event %d (%s) goes out without data: %s",
                event.position,
                event.topic,
                event.fact.reason,
            )
        headers = {
            "Nats-Expected-Last-Sequence": str(event.position - 1),
            "Tasktrail-Correlation": str(event.metadata.correlation),
        }
        return _Message(event.position, self._subject(event), payload, headers)

    def _subject(self, event: Recorded) -> str:
        if _TOPIC.fullmatch(event.topic):
            return subject_of(self._prefix, event)
        return f"{self._prefix}.events.{event.workspace or 'account'}.unreadable"

    def _hear(self, _subject: str, position: int) -> None:
        self.head = max(self.head, position)
        self._wake.set()

    async def _ask_head(self) -> int:
        self.head = await self._reader.head()
        return self.head

    async def _fail(self, error: Exception) -> None:
        """Say so once, then go on from what the stream has, with one event alone, so that an
        answer tells which one is refused and why."""
        self.failures += 1
        self._window = 1
        known = isinstance(error, (*FAILED, Unavailable))
        # What else may have gone wrong with an event may quote it.
        complaint = (str(error) if known else "") or type(error).__name__
        level = logging.DEBUG if complaint == self._complaint else logging.WARNING
        self._complaint = complaint
        trace = None if known else error
        logger.log(level, "the relay stands at %d: %s", self.position, complaint, exc_info=trace)
        with suppress(Unavailable):
            await self._ask_head()
        await asyncio.sleep(_PAUSE)


def _windows(
    messages: Sequence[_Message], first: int, most_bytes: int
) -> Iterator[Sequence[_Message]]:
    """At most so many messages and bytes at a time; the first window may be smaller still."""
    start, size, limit = 0, 0, first
    for end, message in enumerate(messages):
        size += len(message.payload) + 1
        if end > start and (end - start >= limit or size > most_bytes):
            yield messages[start:end]
            start, size, limit = end, len(message.payload) + 1, WINDOW
    yield messages[start:]
