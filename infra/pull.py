"""A JetStream consumer driven so that each message arrives when it is stored."""

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from typing import Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from infra.nats import FAILED, REQUEST_SECONDS, Nats

AHEAD = 1_000
_BATCH = 500
_BATCH_BYTES = 16 << 20
_EXPIRES = 1.0
_DEAF_AFTER = 2.0
_UNUSED_SECONDS = 30.0


class PullBroken(ConnectionError):
    """Something is not as it was: a connection, the consumer, the stream. Open another."""


class Pull:
    """Pull requests that stay open for a second, and a new one whenever there is room.

    The client library's `fetch` waits for a full batch or its timeout once a first message is
    there; here whatever is there is handed on at once. The server answers each request in the end,
    so silence beyond that means that nobody is there.
    """

    def __init__(self, nats: Nats, client: Client, stream: str) -> None:
        self._nats = nats
        self._client = client
        self._connection = nats.connections
        self._stream = stream
        self._inbox = client.new_inbox()
        self._name = self._inbox.rpartition(".")[2]
        self._subscription: Subscription | None = None
        self._messages: deque[Msg] = deque()
        self._arrived = asyncio.Event()
        self._broken = ""
        self._asked = 0
        self._heard = 0.0

    @classmethod
    async def open(cls, nats: Nats, stream: str, start: int) -> Self:
        """From sequence `start` on; refuses to begin later. Raises one of `FAILED`."""
        pull = cls(nats, nats.client, stream)
        try:
            async with asyncio.timeout(2 * REQUEST_SECONDS):
                await pull._create(start)
        except BaseException:
            await pull.close()
            raise
        return pull

    async def messages(self, limit: int, wait: float) -> list[Msg]:
        """Up to `limit` messages as soon as there is one; none after `wait` seconds of silence.
        Raises one of `FAILED`."""
        until = time.monotonic() + wait
        while not self._messages:
            await self._ask()
            self._arrived.clear()
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    await self._arrived.wait()
            except TimeoutError:
                self._check()
                return []
        await self._ask()
        return [self._messages.popleft() for _ in range(min(limit, len(self._messages)))]

    async def close(self) -> None:
        """Without waiting for an answer: the server drops an unused consumer by itself."""
        with suppress(*FAILED):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            await self._client.publish(f"$JS.API.CONSUMER.DELETE.{self._stream}.{self._name}")

    async def _create(self, start: int) -> None:
        self._subscription = await self._client.subscribe(self._inbox, cb=self._receive)
        info = await self._nats.jetstream.add_consumer(
            self._stream,
            ConsumerConfig(
                name=self._name,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=start,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=_UNUSED_SECONDS,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        begins = info.delivered.stream_seq + 1 if info.delivered else start
        if begins != start:
            raise PullBroken(f"{self._stream} begins at {begins}, after {start}")

    async def _ask(self) -> None:
        """Let more come while there is room, and notice when nobody answers."""
        self._check()
        if self._asked + len(self._messages) > AHEAD - _BATCH:
            return
        request = {"batch": _BATCH, "max_bytes": _BATCH_BYTES, "expires": int(_EXPIRES * 1e9)}
        async with asyncio.timeout(REQUEST_SECONDS):
            await self._client.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._name}",
                json.dumps(request).encode(),
                reply=self._inbox,
            )
        self._asked += _BATCH
        self._heard = time.monotonic()

    def _check(self) -> None:
        if self._broken:
            raise PullBroken(self._broken)
        if not self._nats.connected or self._connection != self._nats.connections:
            raise PullBroken("the connection was lost")
        if self._asked and time.monotonic() - self._heard > _DEAF_AFTER:
            raise PullBroken("nobody answers")

    async def _receive(self, message: Msg) -> None:
        self._heard = time.monotonic()
        self._arrived.set()
        if message.reply:
            self._asked -= 1
            self._messages.append(message)
            return
        headers = message.headers or {}
        status, description = headers.get("Status"), headers.get("Description", "")
        if "Nats-Pending-Messages" in headers:
            self._asked -= int(headers["Nats-Pending-Messages"])
        else:
            self._broken = f"{status} {description}"


def sequence_of(message: Msg) -> int:
    """`$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>...`, with two more names before the
    stream's where the server has domains. Raises `ValueError` for what is no such reply."""
    words = message.reply.split(".")
    if len(words) < 9:
        raise ValueError(f"{message.reply!r} names no sequence")
    return int(words[5] if len(words) == 9 else words[7])
