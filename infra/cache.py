"""What was answered before and still holds, kept for a while: in Valkey for every process, and the
last of it in this one.

While Valkey is away a process remembers its own answers alone, and nobody waits for it.
"""

import logging
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Self, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PREFIX = "tasktrail:cache:"
TIMEOUT_SECONDS = 0.1
PAUSE_SECONDS = 1.0
_FAILED = (RedisError, OSError, TimeoutError)
_log = logging.getLogger(__name__)


class Cache:
    """One value a key, with the position of the log that it shows: another one is a miss. This
    process keeps up to `near` bytes of what it put there."""

    def __init__(self, url: str | None, near: int = 0) -> None:
        self._redis = _client(url) if url else None
        self._near = _Near(near)
        self._away = False
        self._away_until = 0.0
        self.hits = 0
        self.misses = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._redis is not None:
            with suppress(*_FAILED):
                await self._redis.aclose()

    async def get(self, key: str, position: int) -> bytes | None:
        near = self._near.get(key, position)
        if near is not None:
            self.hits += 1
            return near
        found: bytes | None = None
        if self._redis is not None and time.monotonic() >= self._away_until:
            try:
                found = cast(bytes | None, await self._redis.get(PREFIX + key))
                self._away = False
            except _FAILED as error:
                self._pause(error)
        shown, _, value = (found or b"").partition(b"\n")
        if shown != b"%d" % position:
            self.misses += 1
            return None
        self.hits += 1
        return value

    async def put(self, key: str, position: int, value: bytes, seconds: float) -> None:
        milliseconds = int(seconds * 1000)
        if milliseconds <= 0:
            return
        self._near.put(key, position, value, time.monotonic() + seconds)
        if self._redis is None or time.monotonic() < self._away_until:
            return
        try:
            await self._redis.set(PREFIX + key, b"%d\n%s" % (position, value), px=milliseconds)
            self._away = False
        except _FAILED as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        """One warning an outage, which is looked into every `PAUSE_SECONDS`."""
        level = logging.DEBUG if self._away else logging.WARNING
        self._away, self._away_until = True, time.monotonic() + PAUSE_SECONDS
        _log.log(level, "answers are not cached by Valkey: %r", error)


class _Near:
    """The answers that this process made itself, so that the moment at which each ends is known;
    those used last, up to so many bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[int, bytes, float]] = OrderedDict()

    def get(self, key: str, position: int) -> bytes | None:
        shown, value, until = self._kept.get(key, (-1, b"", 0.0))
        if shown != position or time.monotonic() >= until:
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: str, position: int, value: bytes, until: float) -> None:
        _, replaced, _ = self._kept.pop(key, (0, b"", 0.0))
        self._kept[key] = position, value, until
        self._bytes += len(value) - len(replaced)
        while self._bytes > self._size:
            _, (_, dropped, _) = self._kept.popitem(last=False)
            self._bytes -= len(dropped)


def _client(url: str) -> Redis:
    """Who finds all connections taken waits for one: that is no reason to call Valkey away."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=16,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
