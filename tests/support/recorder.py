"""Our recorder as the synchronous one that the eventsourcing library's own tests expect."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from threading import Thread
from typing import Any, Self, TypeVar
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent
from eventsourcing.persistence import Subscription as LibrarySubscription

from infra.recorder import Recorder, Subscription
from tests.support.log import open_log

T = TypeVar("T")


class SyncRecorder(ApplicationRecorder):
    """Runs the coroutines on an event loop in a thread of its own; `close` ends it."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._recorder = self.wait(self._open(url))

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=60)

    def close(self) -> None:
        self.wait(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self, url: str) -> Recorder:
        log = await self._stack.enter_async_context(open_log(url))
        return Recorder(log.store, log.appender)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        return self.wait(self._recorder.insert_events(stored_events, **kwargs))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        assert isinstance(originator_id, UUID)
        return self.wait(
            self._recorder.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        )

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        return self.wait(
            self._recorder.select_notifications(
                start, limit, stop, topics, inclusive_of_start=inclusive_of_start
            )
        )

    def max_notification_id(self) -> int | None:
        return self.wait(self._recorder.max_notification_id())

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> LibrarySubscription[ApplicationRecorder]:
        return SyncSubscription(self, self._recorder.subscribe(gt, topics))


class SyncSubscription(LibrarySubscription[ApplicationRecorder]):
    def __init__(self, recorder: SyncRecorder, subscription: Subscription) -> None:
        super().__init__(recorder)
        self._sync = recorder
        self._subscription = subscription

    def __enter__(self) -> Self:
        self._sync.wait(self._subscription.__aenter__())
        return super().__enter__()

    def stop(self) -> None:
        super().stop()
        self._subscription.stop()

    def __next__(self) -> Notification:
        async def following() -> Notification | None:
            return await anext(self._subscription, None)

        if (notification := self._sync.wait(following())) is None:
            raise StopIteration
        return notification
