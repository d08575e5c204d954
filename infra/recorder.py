"""The eventsourcing library's ApplicationRecorder as coroutines, on our log and our append."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg
import msgspec
from eventsourcing.persistence import IntegrityError, Notification, ProgrammingError, StoredEvent

from events.append import Append
from events.codec import SealedEvent
from events.envelope import Metadata
from events.ids import new_id
from infra.appender import Appender
from infra.event_store import EventStore

_PAGE = 500
_POLL_SECONDS = 0.1


class Recorder:
    """The same names and meaning as the library's; versions are taken as they are given."""

    def __init__(self, store: EventStore, appender: Appender) -> None:
        self._store = store
        self._appender = appender

    async def insert_events(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """All or none, at the contiguous positions that it returns. Raises `IntegrityError`."""
        if not stored_events:
            return []
        command = new_id()
        events = [_sealed(event, command) for event in stored_events]
        append = Append(
            command_id=command,
            account=None,
            fingerprint=b"",
            stream=_stream_of(events[-1]),
            version=events[-1].originator_version,
            events=events,
        )
        try:
            appended = await self._appender.append(append)
        except asyncpg.UniqueViolationError as error:
            raise IntegrityError("a version is given twice") from error
        if appended.outcome not in ("ok", "duplicate"):  # duplicate: sent twice after a lost answer
            raise IntegrityError(f"a version of stream {appended.stream} is on record already")
        last = appended.last_position
        return list(range(last - appended.event_count + 1, last + 1))

    async def select_events(
        self,
        originator_id: UUID,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        return await self._store.stream(
            originator_id, after=-1 if gt is None else gt, up_to=lte, limit=limit, newest=desc
        )

    async def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 0) - (1 if start and inclusive_of_start else 0)
        return await self._store.after(after, limit=limit, up_to=stop, topics=topics)

    async def max_notification_id(self) -> int | None:
        return await self._store.head() or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "Subscription":
        return Subscription(self, gt, topics)


class Subscription:
    """Every notification after `gt`, old and new, until `stop` or the end of its `async with`."""

    def __init__(self, recorder: Recorder, gt: int | None, topics: Sequence[str]) -> None:
        self._recorder = recorder
        self._last = gt or 0
        self._topics = topics
        self._page: list[Notification] = []
        self._stopped = asyncio.Event()
        self._entered = False

    async def __aenter__(self) -> Self:
        if self._entered:
            raise ProgrammingError("a subscription is entered once")
        self._entered = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopped.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification:
        while not self._stopped.is_set():
            if self._page:
                return self._page.pop()
            await self._read()
        raise StopAsyncIteration

    async def _read(self) -> None:
        # The head first: an event of other topics that comes later is not passed over unread.
        head = await self._recorder.max_notification_id() or 0
        page = await self._recorder.select_notifications(
            self._last, _PAGE, head, self._topics, inclusive_of_start=False
        )
        self._page = list(reversed(page))
        if page:
            self._last = page[-1].id
            return
        self._last = max(self._last, head)
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._stopped.wait()
        except TimeoutError:
            return


def _sealed(event: StoredEvent, command: UUID) -> SealedEvent:
    """With what the log keeps beyond the library's columns: a plain event is its stream's own."""
    stream = _stream_of(event)
    return SealedEvent(
        originator_id=stream,
        originator_version=event.originator_version,
        topic=event.topic,
        state=event.state,
        owner=stream,
        occurred_at=datetime.now(UTC),
        metadata=msgspec.json.encode(Metadata(command=command, correlation=command)),
    )


def _stream_of(event: StoredEvent) -> UUID:
    if not isinstance(event.originator_id, UUID):
        raise ProgrammingError(f"streams are UUIDs, not {event.originator_id!r}")
    return event.originator_id
