"""How much may each caller do? One atomic script in Valkey decides, for all processes at once.

While Valkey is away every process counts for itself: nobody is refused or held up because of it.
"""

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Self

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "tasktrail:limit:"
TIMEOUT_SECONDS = 0.25
PROBE_SECONDS = 0.5
MAX_BATCH = 200
MAX_KEYS = 50_000
_FAILED = (RedisError, OSError, TimeoutError)
_MICRO = 1_000_000


class Decision(msgspec.Struct, frozen=True):
    """`reset` is when the whole share is there again, `retry_after` when one more is let through,
    both in seconds."""

    allowed: bool
    limit: int
    period: float
    remaining: int
    reset: float
    retry_after: float


class Ask(msgspec.Struct, frozen=True):
    """What one caller wants of a share."""

    key: str
    limit: int
    period: float
    cost: int


class RateLimiter:
    """Asks that arrive while one call is under way go together in the next."""

    def __init__(self, url: str | None) -> None:
        self._redis = _client(url) if url else None
        self._script = self._redis.register_script(_source()) if self._redis else None
        self._alone = LocalLimits()
        self._queue: list[tuple[Ask, asyncio.Future[Decision]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._sending, self._probing):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        if self._redis is not None:
            with suppress(*_FAILED):
                await self._redis.aclose()

    @property
    def away(self) -> bool:
        """Whether this process counts for itself at the moment."""
        return self._redis is None or self._probing is not None

    async def allow(self, key: str, limit: int, period: float, cost: int = 1) -> Decision:
        """Take `cost` of the `limit` that `key` has every `period` seconds. A cost of 0 only asks
        whether one more would be let through; -1 gives one back. A limit of 0 is none."""
        if limit <= 0:
            return Decision(True, 0, period, 0, 0, 0)
        ask = Ask(key, limit, period, cost)
        if self.away:
            return self._alone.decide(ask)
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._queue.append((ask, future))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send(), name="rate limits")
        return await future

    async def forget(self, key: str) -> None:
        """The whole share is there again."""
        self._alone.forget(key)
        if not self.away and self._redis is not None:
            try:
                await self._redis.delete(PREFIX + key)
            except _FAILED as error:
                self._count_alone(error)

    async def _send(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
                asks = [ask for ask, _ in batch]
                try:
                    decisions = await self._ask_valkey(asks)
                except _FAILED as error:
                    self._count_alone(error)
                    decisions = [self._alone.decide(ask) for ask in asks]
                for (_, future), decision in zip(batch, decisions, strict=True):
                    if not future.done():
                        future.set_result(decision)
        finally:
            self._sending = None
            for ask, future in self._queue:
                if not future.done():
                    future.set_result(self._alone.decide(ask))
            self._queue = []

    async def _ask_valkey(self, asks: Sequence[Ask]) -> list[Decision]:
        assert self._script is not None
        numbers: list[int] = []
        for ask in asks:
            numbers += (ask.limit, int(ask.period * _MICRO), ask.cost)
        async with asyncio.timeout(2 * TIMEOUT_SECONDS):
            answers = await self._script(keys=[PREFIX + ask.key for ask in asks], args=numbers)
        return [
            _decision(ask, bool(answers[2 * i]), answers[2 * i + 1] / _MICRO)
            for i, ask in enumerate(asks)
        ]

    def _count_alone(self, error: Exception) -> None:
        if self._probing is None:
            logger.warning("rate limits are counted by each process: %r", error)
            self._probing = asyncio.create_task(self._probe(), name="rate limits probe")

    async def _probe(self) -> None:
        """Until Valkey answers again; nobody waits for this."""
        assert self._redis is not None
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            with suppress(*_FAILED):
                async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                    await self._redis.ping()
                break
        self._probing = None
        logger.warning("rate limits are counted in Valkey again")


class Tries:
    """A limiter for what is tried until it succeeds: how long to wait, or None to go on."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    async def allow(self, key: str, limit: int, per_seconds: float) -> float | None:
        decision = await self._limiter.allow(key, limit, per_seconds)
        return None if decision.allowed else max(decision.retry_after, 0.001)

    async def forget(self, key: str) -> None:
        await self._limiter.forget(key)


class LocalLimits:
    """The same count for one process, of a bounded number of callers: the longest unseen goes."""

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def forget(self, key: str) -> None:
        self._full_at.pop(key, None)

    def decide(self, ask: Ask, now: float | None = None) -> Decision:
        now = time.monotonic() if now is None else now
        step = ask.period / ask.limit
        used = max(self._full_at.pop(ask.key, now) - now, 0.0)
        allowed = ask.cost < 0 or used + step * max(ask.cost, 1) <= ask.period + 1e-6
        if allowed:
            used = max(used + step * ask.cost, 0.0)
        if used > 0:
            if len(self._full_at) >= self._max_keys:
                del self._full_at[next(iter(self._full_at))]
            self._full_at[ask.key] = now + used
        return _decision(ask, allowed, used)


def _decision(ask: Ask, allowed: bool, used: float) -> Decision:
    step = ask.period / ask.limit
    remaining = max(0, math.floor((ask.period - used) / step + 1e-6))
    wait = 0.0 if allowed else max(used + step - ask.period, 0.0)
    return Decision(allowed, ask.limit, ask.period, remaining, used, wait)


def _source() -> str:
    return files("infra").joinpath("limits.lua").read_text()


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=4,
    )
