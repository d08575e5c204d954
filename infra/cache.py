"""What was answered before and still holds, kept in Valkey for a while.

While Valkey is away nothing is remembered, and nobody waits for it.
"""

import logging
import time
from contextlib import suppress
from typing import Self, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PREFIX = "tasktrail:cache:"
TIMEOUT_SECONDS = 0.1
PAUSE_SECONDS = 1.0
_FAILED = (RedisError, OSError, TimeoutError)
_log = logging.getLogger(__name__)


class Cache:
    """One value a key, with the position of the log that it shows: another one is a miss."""

    def __init__(self, url: str | None) -> None:
        self._redis = _client(url) if url else None
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
        found: bytes | None = None
        if self._redis is not None and time.monotonic() >= self._away_until:
            try:
                found = cast(bytes | None, await self._redis.get(PREFIX + key))
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
        if milliseconds <= 0 or self._redis is None or time.monotonic() < self._away_until:
            return
        try:
            await self._redis.set(PREFIX + key, b"%d\n%s" % (position, value), px=milliseconds)
        except _FAILED as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        self._away_until = time.monotonic() + PAUSE_SECONDS
        _log.warning("answers are not cached for a moment: %r", error)


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=16,
    )
