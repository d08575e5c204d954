"""Group commit: everything queued goes in one transaction, and the running commit is the timer.

One appender a process, on a connection of its own. A caller's future resolves after commit only.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import asyncpg
import msgspec

from events.append import Append, Appended
from events.refusals import TooLarge, Unavailable
from infra.postgres import BUSY, LOST, Connection, connect

MAX_EVENTS = 1_000
MAX_BACKGROUND = 500
_BATCH_SECONDS = 4.0
_WAIT_SECONDS = 4.8
_BATCH_BYTES = 8 << 20
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""


class _Waiting(msgspec.Struct):
    append: Append
    future: asyncio.Future[Appended]
    until: float


class Appender:
    """Appends commands to the log in the order given.

    `on_commit` is called with the new head after each commit that added events.
    """

    def __init__(
        self,
        url: str,
        *,
        on_commit: Callable[[int], None],
        queue_size: int = 2_000,
        batch_size: int = 200,
    ) -> None:
        self._url = url
        self._on_commit = on_commit
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._queue: deque[_Waiting] = deque()
        self._background: deque[_Waiting] = deque()
        self._sent: list[_Waiting] = []
        self._expiry: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._connection: Connection | None = None
        self.batches = 0
        self.appended = 0

    async def append(self, append: Append, *, background: bool = False) -> Appended:
        """Durable once this returns. Raises `Unavailable` when the queue is full or the database
        stays away; then the outcome is unknown, and sending the same command id finds it out.

        A caller that is cancelled leaves its command in the queue: it may have been seen as sent.
        `background` appends (imports) go only when nobody else waits, and few at a time, so that
        whoever comes next does not wait for them long.
        """
        most = MAX_BACKGROUND if background else MAX_EVENTS
        if len(append.events) > most:
            raise TooLarge(f"one command may append at most {most} events")
        queue = self._background if background else self._queue
        if len(queue) >= self._queue_size or self._closing:
            raise Unavailable("too many commands are waiting; try again shortly")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(append, loop.create_future(), loop.time() + _WAIT_SECONDS)
        queue.append(waiting)
        self._wake.set()
        if self._expiry is None:
            self._expiry = loop.call_at(waiting.until, self._expire)
        return await waiting.future

    @property
    def open(self) -> bool:
        """Whether it takes commands: from the start until `close`, or until `run` has ended."""
        return not self._closing

    @property
    def waiting(self) -> int:
        return len(self._queue) + len(self._background)

    async def run(self) -> None:
        """Until `close`; then until the queue is empty."""
        try:
            while not self._closing or self.waiting:
                batch = self._take()
                if batch:
                    self._sent = batch
                    await self._append(batch)
                    self._sent = []
                else:
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            self._give_up()

    def close(self) -> None:
        """Refuse new commands; `run` returns once the queued ones are through."""
        self._closing = True
        self._wake.set()

    def _take(self) -> list[_Waiting]:
        """Up to a batch, waiting commands before background ones, without those that were told
        that they failed before they were ever sent."""
        batch: list[_Waiting] = []
        events = size = 0
        for queue in (self._queue, self._background):
            while queue and len(batch) < self._batch_size:
                more = events + len(queue[0].append.events)
                crowded = queue is self._background and batch and more > MAX_BACKGROUND
                if events > MAX_EVENTS or size > _BATCH_BYTES or crowded:
                    return batch
                waiting = queue.popleft()
                if not waiting.future.done() or waiting.future.cancelled():
                    batch.append(waiting)
                    events += len(waiting.append.events)
                    size += sum(len(event.state) for event in waiting.append.events)
        return batch

    async def _append(self, batch: list[_Waiting]) -> None:
        try:
            results = await self._call([waiting.append for waiting in batch])
        except (*LOST, *BUSY) as error:
            self._disconnect()
            for waiting in batch:
                _fail(waiting, _away(error))
        except Exception as error:  # it goes to the one caller who caused it
            await self._halve(batch, error)
        else:
            # Soon, not now: the next batch is sent first, so Postgres works while callers wake.
            asyncio.get_running_loop().call_soon(self._resolve, batch, results)

    async def _halve(self, batch: list[_Waiting], error: Exception) -> None:
        """The statement failed without saying which command is at fault: find it."""
        if len(batch) == 1:
            _fail(batch[0], error)
            return
        middle = len(batch) // 2
        await self._append(batch[:middle])
        await self._append(batch[middle:])

    def _resolve(self, batch: list[_Waiting], results: list[Appended]) -> None:
        self.batches += 1
        head = 0
        for waiting, result in zip(batch, results, strict=True):
            if result.outcome == "ok":
                self.appended += result.event_count
            if result.outcome in ("ok", "duplicate") and result.event_count:
                head = max(head, result.last_position)  # a duplicate's commit may be unheard of
            if not waiting.future.done():
                waiting.future.set_result(result)
        if head:
            self._on_commit(head)

    async def _call(self, appends: list[Append]) -> list[Appended]:
        """One transaction. A lost connection leaves its outcome unknown, so the same commands
        are sent again: those that got through the first time answer `duplicate`."""
        arguments = [as_composite(append) for append in appends]
        deadline = time.monotonic() + _BATCH_SECONDS
        pause = 0.02
        while True:
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    connection = await self._connected()
                    rows = await connection.fetch("SELECT * FROM append($1)", arguments)
            except LOST:
                self._disconnect()
                if time.monotonic() + pause > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.5)
            else:
                return [Appended(*row) for row in rows]

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await connect(self._url, statement_seconds=None)
                await self._connection.execute(_DURABLE)
                # What we gave up must not happen later. It ends before the commit, so that it
                # cuts no wait for a standby short.
                await self._connection.execute(
                    f"SET statement_timeout = {_BATCH_SECONDS * 1000:.0f}"
                )
            except asyncpg.PostgresError as error:  # whatever it is, no command caused it
                raise ConnectionError(str(error)) from error
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _expire(self) -> None:
        """Fail those who have waited too long; `_call` goes on with what was sent."""
        now = asyncio.get_running_loop().time()
        left: list[float] = []
        for group in (self._sent, self._queue, self._background):
            for waiting in group:
                if waiting.future.done():
                    continue
                if waiting.until > now:
                    left.append(waiting.until)
                    break
                _fail(waiting, _away())
        self._expiry = None
        if left:
            self._expiry = asyncio.get_running_loop().call_at(min(left), self._expire)

    def _give_up(self) -> None:
        """`run` has ended, perhaps by being cancelled: nobody will serve those who wait."""
        self._closing = True
        self._disconnect()
        for waiting in (*self._sent, *self._queue, *self._background):
            _fail(waiting, _away())


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(error)


def _away(cause: BaseException | None = None) -> Unavailable:
    refusal = Unavailable("the event store is away; try again shortly")
    refusal.__cause__ = cause
    return refusal


def as_composite(append: Append) -> tuple[object, ...]:
    return (
        append.command_id,
        append.account,
        append.fingerprint,
        append.stream,
        append.version,
        [
            (
                event.originator_id,
                event.originator_version,
                event.topic,
                event.state,
                event.owner,
                event.occurred_at,
                event.metadata,
            )
            for event in append.events
        ],
        [(guard.stream, guard.version) for guard in append.guards],
        [(claim.key, claim.stream, claim.release) for claim in append.claims],
        [(secret.owner, secret.kind, secret.value) for secret in append.secrets],
    )
