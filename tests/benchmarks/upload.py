"""Do other requests wait while files of 10 MiB come in?"""

import asyncio
import os
import time
from collections.abc import Sequence
from statistics import quantiles

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.listing import fill
from tests.benchmarks.load import HOST, Connection, connections, json_answer, request
from tests.benchmarks.system import System, system

SIZE = 10 << 20
RATE, READERS = 50, 4
ROUNDS, SECONDS = 3, 4.0
TARGET = 2.0
BOUNDARY = "benchmark"


async def measure() -> Sequence[Figure]:
    quiet: list[float] = []
    loaded: list[float] = []
    sent: list[float] = []
    async with system() as real:
        [token] = await real.tokens(1)
        await fill(real, token)
        await real.caught_up()
        listing = request("GET", "/v1/tasks?limit=50", token=token)
        upload = await uploading(real, token)
        async with connections(real.port, READERS + 1) as [uploader, *readers]:
            for _ in range(ROUNDS):
                quiet += await seconds_each(readers, listing)
                sending = asyncio.create_task(uploads(uploader, upload))
                loaded += await seconds_each(readers, listing)
                sending.cancel()
                sent += await sending
    before, during = p99(quiet), p99(loaded)
    return [
        Figure(
            name="upload of 10 MiB",
            value=SIZE * len(sent) / sum(sent) / (1 << 20),
            unit="MiB/s",
            target="",
            reached=True,
        ),
        Figure(
            name="lists beside uploads, p99",
            value=during * 1000,
            unit="ms",
            ceiling=before * 1000,
            ceiling_name="without uploads",
            target=f"at most {TARGET:g} x",
            reached=during <= TARGET * before,
        ),
    ]


async def uploading(real: System, token: str) -> bytes:
    """The request that attaches a file of that size to a task."""
    made = request("POST", "/v1/tasks", token=token, body={"title": "Files"})
    _, task = await json_answer(real.port, made, status=201)
    body = (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="large.gz"\r\n'
            "Content-Type: application/gzip\r\n\r\n\x1f"
        ).encode()
        + b"\x8b\x08"
        + os.urandom(SIZE - 3)
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    head = (
        f"POST /v1/tasks/{task['id']}/attachments HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    return head.encode() + body


async def uploads(connection: Connection, upload: bytes) -> list[float]:
    """One after the other until cancelled, and then to the end of the last; how long each took."""
    took: list[float] = []
    stopped = False
    while not stopped:
        began = time.perf_counter()
        asking = asyncio.ensure_future(connection.ask(upload))
        try:
            answer = await asyncio.shield(asking)
        except asyncio.CancelledError:
            stopped = True
            answer = await asking
        if answer.status != 201:
            raise RuntimeError(f"unexpected answer: {answer}")
        took.append(time.perf_counter() - began)
    return took


async def seconds_each(readers: Sequence[Connection], listing: bytes) -> list[float]:
    """At a steady rate, whatever the answers take."""
    took: list[float] = []

    async def reading(connection: Connection, number: int) -> None:
        due = time.perf_counter() + number / RATE
        until = due + SECONDS
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            answer = await connection.ask(listing)
            if answer.status != 200:
                raise RuntimeError(f"unexpected answer: {answer}")
            took.append(time.perf_counter() - due)
            due += len(readers) / RATE

    await asyncio.gather(*(reading(each, number) for number, each in enumerate(readers)))
    return took


def p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[98]


if __name__ == "__main__":
    show(measure)
