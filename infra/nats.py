"""The connection to NATS: there or not, it never holds anyone up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 1.0
_ATTEMPT_SECONDS = 10.0
_HINT_PAUSE = 0.01  # of a subject's hints the first goes at once; of those so soon after, the last
FAILED = (nats.errors.Error, OSError, TimeoutError, asyncio.InvalidStateError, ValueError)
Heard = Callable[[str, int], None]
Receive = Callable[[str, bytes], None]

_OPTIONS: dict[str, Any] = {
    "name": "tasktrail",
    "connect_timeout": 1,
    "reconnect_time_wait": 0.1,
    "max_reconnect_attempts": -1,
    "ping_interval": 5,
    "max_outstanding_pings": 2,
    "flush_timeout": 1.0,
}


class NatsAway(ConnectionError):
    """There is no connection to NATS at the moment."""


class _Client(Client):
    """The library's client, but a cancellation is never lost, nor a password told in clear.

    The library drops one that comes during a flush, and until Python 3.12 `asyncio.wait_for`,
    by which it waits for answers, drops one that comes in the same moment as the answer
    (python/cpython#86296). What loops for ever would then never end.

    To `tls://` it encrypts only if the server says so, in clear, where others may leave that out.
    """

    async def request(self, *args: Any, **options: Any) -> Msg:
        before = _cancellations()
        try:
            return await super().request(*args, **options)
        finally:
            _raise_if_lost(before)

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        wanted = self._current_server is not None and self._current_server.uri.scheme == "tls"
        if initial_connection and wanted and not info.get("tls_required"):
            raise nats.errors.SecureConnWantedError
        await super()._process_info(info, initial_connection)

    async def _flush_pending(self, *args: Any, **options: Any) -> Any:
        before = _cancellations()
        try:
            return await super()._flush_pending(*args, **options)
        finally:
            _raise_if_lost(before)


class Nats:
    """One connection a process, made anew for as long as it takes.

    `connections` counts how often it was made: who finds another number than before must take
    everything that was under way as lost.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._listeners: list[_Listener] = []
        self._hints: dict[str, int] = {}
        self._hinted = asyncio.Event()
        self._resting: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._away = False
        self._connected = asyncio.Event()
        self.connections = 0

    async def __aenter__(self) -> Self:
        """Starts connecting, and does not wait for it."""
        self._tasks = [asyncio.create_task(loop()) for loop in (self._connect, self._send_hints)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._away = True  # from now on that is no news
        pending = set(self._tasks)
        while pending:  # a client that is connecting may swallow a cancellation
            for task in pending:
                task.cancel()
            pending = (await asyncio.wait(pending, timeout=0.2))[1]

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client:
        if self._client is None or not self._client.is_connected:
            raise NatsAway("NATS is away")
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        return self.client.jetstream(timeout=REQUEST_SECONDS)

    async def wait_connected(self, within: float | None = None) -> None:
        """Raises `NatsAway` if it does not come in that time."""
        try:
            async with asyncio.timeout(within):
                while not self.connected:
                    self._connected.clear()
                    await self._connected.wait()
        except TimeoutError:
            raise NatsAway("NATS is away") from None

    def hint(self, subject: str, position: int) -> None:
        """Tell whoever listens that `position` is reached; at once, or never if NATS is away."""
        self._hints[subject] = max(position, self._hints.get(subject, 0))
        if subject not in self._resting:
            self._hinted.set()

    @asynccontextmanager
    async def listening(self, subject: str, heard: Heard) -> AsyncIterator[None]:
        """Call `heard(subject, position)` for hints that arrive; some may be lost."""

        def hear(subject: str, data: bytes) -> None:
            if data.isdigit():
                heard(subject, int(data))

        async with self.receiving(subject, hear):
            yield

    @asynccontextmanager
    async def receiving(self, subject: str, receive: Receive) -> AsyncIterator[None]:
        """Call `receive(subject, data)` for messages that arrive; some may be lost."""
        listener = _Listener(subject, receive)
        self._listeners.append(listener)
        try:
            if self._client is not None:
                await listener.attach(self._client)
            yield
        finally:
            self._listeners.remove(listener)
            await listener.detach()

    async def _connect(self) -> None:
        """A client reconnects by itself, but some errors of the server close it for good."""
        while True:
            client, closed = _Client(), asyncio.Event()

            async def on_close(closed: asyncio.Event = closed) -> None:
                closed.set()

            try:
                # It tries for ever, but after a handshake that fails it may wait for ever instead.
                async with asyncio.timeout(_ATTEMPT_SECONDS):
                    await client.connect(
                        self._url.split(","),
                        error_cb=self._on_error,
                        disconnected_cb=self._on_disconnect,
                        reconnected_cb=self._on_connect,
                        closed_cb=on_close,
                        **_OPTIONS,
                    )
                self._client = client
                for listener in list(self._listeners):
                    await listener.attach(client)
                await self._on_connect()
                await closed.wait()
                logger.warning("NATS closed the connection: %s", client.last_error)
            except FAILED as error:
                await self._on_error(error)
            finally:
                self._client = None
                await _close(client)
            await asyncio.sleep(0.2)

    async def _send_hints(self) -> None:
        while True:
            await self._hinted.wait()
            self._hinted.clear()
            due = [subject for subject in self._hints if subject not in self._resting]
            hints = {subject: self._hints.pop(subject) for subject in due}
            self._resting.update(due)
            asyncio.get_running_loop().call_later(_HINT_PAUSE, self._rested, due)
            with suppress(*FAILED):
                async with asyncio.timeout(REQUEST_SECONDS):
                    for subject, position in hints.items():
                        await self.client.publish(subject, str(position).encode())

    def _rested(self, subjects: Sequence[str]) -> None:
        self._resting.difference_update(subjects)
        if not self._hints.keys() <= self._resting:
            self._hinted.set()

    async def _on_connect(self) -> None:
        self.connections += 1
        self._away = False
        self._connected.set()
        logger.info("connected to NATS (connection %d)", self.connections)

    async def _on_disconnect(self) -> None:
        await self._on_error(NatsAway("the connection was lost"))

    async def _on_error(self, error: Exception) -> None:
        """One warning an outage: it is tried again ten times a second."""
        level = logging.DEBUG if self._away else logging.WARNING
        self._away = self._away or not self.connected
        logger.log(level, "NATS: %s", str(error) or repr(error))


class _Listener:
    """A subscription that is made again on each new client; clients remake it on reconnects."""

    def __init__(self, subject: str, receive: Receive) -> None:
        self._subject = subject
        self._take = receive
        self._client: Client | None = None
        self._subscription: Subscription | None = None

    async def attach(self, client: Client) -> None:
        if client is self._client:
            return
        self._client = client
        with suppress(*FAILED):  # a client that is closed already is followed by the next
            self._subscription = await client.subscribe(self._subject, cb=self._receive)

    async def detach(self) -> None:
        if self._subscription is not None:
            with suppress(*FAILED):
                await self._subscription.unsubscribe()

    async def _receive(self, message: Msg) -> None:
        self._take(message.subject, message.data)


async def _close(client: Client) -> None:
    with suppress(Exception):  # whatever is wrong with it, it is not used again
        async with asyncio.timeout(REQUEST_SECONDS):
            await client.close()


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _raise_if_lost(before: int) -> None:
    """Those that came earlier are known: what cleans up after them goes on."""
    if _cancellations() > before:
        raise asyncio.CancelledError
