"""What sends requests as fast as they are answered, and costs little itself?"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HOST = "127.0.0.1"


class Answer(msgspec.Struct, frozen=True):
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Of a header that is there, named in lower case as our server does."""
        return self.head.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]


class UnexpectedAnswer(Exception):
    """Its status is not what the benchmark counts on."""


class Connection(asyncio.Protocol):
    """A keep-alive connection with one request under way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._done: Callable[[Answer], None] | None = None
        self.lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc or ConnectionError("the server closed the connection")

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        length = _LENGTH.search(self._received, 0, end)
        whole = end + (int(length[1]) if length else 0)
        if len(self._received) < whole:
            return
        received, self._received = self._received, b""
        done, self._done = self._done, None
        assert done is not None, "an answer follows a request"
        done(Answer(int(received[9:12]), received[:end], received[end:]))

    def send(self, request: bytes, done: Callable[[Answer], None]) -> None:
        if self._transport is None or self.lost is not None:
            raise self.lost or ConnectionError("not connected")
        self._done = done
        self._transport.write(request)

    async def ask(self, request: bytes) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.send(request, future.set_result)
        return await future

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Connection]]:
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Connection, HOST, port))[1] for _ in range(count)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


def request(method: str, path: str, *, token: str | None = None, body: object = None) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: benchmark\r\n"
    if token is not None:
        head += f"Authorization: Bearer {token}\r\n"
    if body is None:
        return f"{head}\r\n".encode()
    content = msgspec.json.encode(body)
    head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def answers_per_second(
    port: int,
    callers: Sequence[Iterator[bytes]],
    *,
    status: int,
    seconds: float,
    warm_up: float = 0.5,
) -> float:
    """Each caller on a connection of its own sends its next request when the last is answered."""
    async with connections(port, len(callers)) as opened:
        load = _Load(status)
        for connection, requests in zip(opened, callers, strict=True):
            load.go_on(connection, requests)
        await asyncio.sleep(warm_up)
        began, before = time.perf_counter(), load.answered
        await asyncio.sleep(seconds)
        rate = (load.answered - before) / (time.perf_counter() - began)
        await load.stop()
    return rate


class _Load:
    def __init__(self, status: int) -> None:
        self._status = status
        self._stopping = False
        self._open = 0
        self._stopped = asyncio.Event()
        self._unexpected: Answer | None = None
        self.answered = 0

    def go_on(self, connection: Connection, requests: Iterator[bytes]) -> None:
        def answered(answer: Answer) -> None:
            self.answered += 1
            self._open -= 1
            if answer.status != self._status:
                self._unexpected = answer
            elif not self._stopping:
                self.go_on(connection, requests)
            if not self._open:
                self._stopped.set()

        self._open += 1
        connection.send(next(requests), answered)

    async def stop(self) -> None:
        """Once all are answered. Raises if one was not answered as expected."""
        self._stopping = True
        async with asyncio.timeout(30):
            await self._stopped.wait()
        if self._unexpected is not None:
            raise UnexpectedAnswer(self._unexpected)


async def json_answer(port: int, sent: bytes, *, status: int) -> tuple[Answer, Any]:
    async with connections(port, 1) as [connection]:
        answer = await connection.ask(sent)
    if answer.status != status:
        raise UnexpectedAnswer(answer)
    return answer, msgspec.json.decode(answer.body)
