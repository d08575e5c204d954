"""The ceiling of the live stream: uvicorn sending the same bytes to every socket, and no more.

Run as a program: `python -m tests.benchmarks.live_bare PORT BYTES`.
"""

import asyncio
import sys
from typing import Any

import uvicorn

from gateway.server import allow_many_connections


class Broadcast:
    """A POST is sent on to every socket, by a task of its own each, as frameworks do."""

    def __init__(self, size: int) -> None:
        self._text = "x" * size
        self._queues: set[asyncio.Queue[str]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._listen(receive, send)
        elif scope["type"] == "http":
            while (await receive()).get("more_body"):
                pass
            for queue in self._queues:
                queue.put_nowait(self._text)
            headers = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 201, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

    async def _listen(self, receive: Any, send: Any) -> None:
        queue: asyncio.Queue[str] = asyncio.Queue()
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"type":"live","position":0}'})
        self._queues.add(queue)
        writing = asyncio.create_task(_write(queue, send))
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self._queues.discard(queue)
        writing.cancel()


async def _write(queue: asyncio.Queue[str], send: Any) -> None:
    while True:
        await send({"type": "websocket.send", "text": await queue.get()})


def main() -> None:
    allow_many_connections()
    port, size = map(int, sys.argv[1:])
    uvicorn.run(
        Broadcast(size),
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
