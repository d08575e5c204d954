"""Many sockets that count what they hear, and one that makes it happen.

Run as a program: reads what to do from standard input, and says how it went.
"""

import asyncio
import json
import sys
import time
from typing import Any, cast

import uvloop

from gateway.server import allow_many_connections
from tests.benchmarks.load import HOST, Connection, connections, request

AHEAD = 4  # events under way
WARM_UP = 1.0
TEXT = 0x81


class Tally:
    def __init__(self) -> None:
        self.live = 0
        self.events = 0
        self.bytes = 0
        self.lost = 0
        self.changed = asyncio.Event()


class Listener(asyncio.Protocol):
    """A WebSocket client that knows as much of the protocol as it takes to count frames."""

    def __init__(self, opening: bytes, tally: Tally) -> None:
        self._opening = opening
        self._tally = tally
        self._open = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._opening)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.lost += 1

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        at = 0
        if not self._open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            assert data.startswith(b"HTTP/1.1 101"), data
            self._open = True
        while (end := _end_of_frame(data, at)) <= len(data):
            self._take(data, at, end)
            at = end
        self._rest = data[at:]

    def _take(self, data: bytes, at: int, end: int) -> None:
        """Text only. What is about the stream itself begins with its type."""
        tally = self._tally
        begin = at + (2 if data[at + 1] < 126 else 4)
        if data[at] == TEXT and data[begin : begin + 8] != b'{"type":':
            tally.events += 1
            tally.bytes = end - begin
        elif data[begin : begin + 14] == b'{"type":"live"':
            tally.live += 1
        tally.changed.set()


def _end_of_frame(data: bytes, at: int) -> int:
    """Beyond the data if it is not all there."""
    if len(data) < at + 4:
        return len(data) + 1
    length = data[at + 1]
    if length < 126:
        return at + 2 + length
    return at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")


async def listen(task: dict[str, Any]) -> dict[str, float]:
    tally, loop = Tally(), asyncio.get_running_loop()
    tokens, count, port = task["tokens"], task["sockets"], task["port"]
    for number in range(count):
        opening = _opening(task["path"], tokens[number % len(tokens)])
        await loop.create_connection(lambda o=opening: Listener(o, tally), HOST, port)  # type: ignore[misc]
        while number - tally.live > 50:
            await _change(tally)
    while tally.live < count:
        await _change(tally)
    greeted = tally.events
    async with connections(port, 1) as [connection]:
        sent = request("POST", task["post"]["path"], token=tokens[0], body=task["post"]["body"])
        await _write(connection, sent, tally, greeted, count, WARM_UP)
        before, began = tally.events, time.perf_counter()
        await _write(connection, sent, tally, before, count, task["seconds"])
        seconds = time.perf_counter() - began
    if tally.lost:
        raise RuntimeError(f"{tally.lost} sockets were closed")
    return {"rate": (tally.events - before) / seconds, "bytes": tally.bytes}


async def _write(
    connection: Connection, sent: bytes, tally: Tally, before: int, count: int, seconds: float
) -> None:
    """As fast as everybody hears it, until all that was written is heard."""
    until, written = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        if written - (tally.events - before) / count < AHEAD:
            answer = await connection.ask(sent)
            assert answer.status == 201, answer
            written += 1
        else:
            await _change(tally)
    while tally.events - before < written * count:
        await _change(tally)
    assert tally.events - before == written * count, "everybody hears everything once"


async def _change(tally: Tally) -> None:
    tally.changed.clear()
    async with asyncio.timeout(20):
        await tally.changed.wait()


def _opening(path: str, token: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()


if __name__ == "__main__":
    allow_many_connections()
    print(json.dumps(uvloop.run(listen(json.load(sys.stdin)))))
