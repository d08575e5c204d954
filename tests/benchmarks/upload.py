"""Do other requests wait while files of 10 MiB come in?"""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Sequence
from http.client import HTTPResponse
from math import inf
from statistics import quantiles

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.listing import fill
from tests.benchmarks.load import HOST, Connection, connections, json_answer, request
from tests.benchmarks.system import System, system

SIZE = 10 << 20
RATE, READERS = 50, 4
ROUNDS, SECONDS = 3, 4.0
PIECE = 64 << 10
PACES = {25e6: "at 200 Mbit/s", inf: "at full speed"}
TARGET = 2.0
BOUNDARY = "benchmark"


async def measure() -> Sequence[Figure]:
    """Over a network as most have it, and from the same machine, which sends as fast as it can and
    so competes for its processors too."""
    quiet: list[float] = []
    loaded: dict[float, list[float]] = {pace: [] for pace in PACES}
    sent: dict[float, list[float]] = {pace: [] for pace in PACES}
    async with system() as real:
        [token] = await real.tokens(1)
        await fill(real, token)
        await real.caught_up()
        listing = request("GET", "/v1/tasks?limit=50", token=token)
        upload = await uploading(real, token)
        async with connections(real.port, READERS) as readers:
            await seconds_each(readers, listing)
            for _ in range(ROUNDS):
                quiet += await seconds_each(readers, listing)
                for pace in PACES:
                    enough = threading.Event()
                    sending = asyncio.to_thread(uploads, real.port, upload, pace, enough)
                    under_way = asyncio.create_task(sending)
                    loaded[pace] += await seconds_each(readers, listing)
                    enough.set()
                    sent[pace] += await under_way
    return [
        figure
        for pace, name in PACES.items()
        for figure in figures(name, sent[pace], p99(loaded[pace]), p99(quiet))
    ]


def figures(pace: str, sent: Sequence[float], during: float, before: float) -> Sequence[Figure]:
    return [
        Figure(
            name=f"uploads {pace}",
            value=SIZE * len(sent) / sum(sent) / (1 << 20),
            unit="MiB/s",
            target="",
            reached=True,
        ),
        Figure(
            name="lists beside them, p99",
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


def uploads(port: int, upload: bytes, pace: float, enough: threading.Event) -> list[float]:
    """One after the other until it is enough; how long each took. For a thread: a loop that sends
    as much would be late itself for what it times."""
    took: list[float] = []
    with socket.create_connection((HOST, port)) as connection:
        while not enough.is_set():
            began = time.perf_counter()
            send(connection, upload, pace)
            status = answered(connection)
            if status != 201:
                raise RuntimeError(f"unexpected answer: {status}")
            took.append(time.perf_counter() - began)
    return took


def send(connection: socket.socket, upload: bytes, pace: float) -> None:
    """At most so many bytes a second, as over a network."""
    began = time.perf_counter()
    for start in range(0, len(upload), PIECE):
        connection.sendall(upload[start : start + PIECE])
        time.sleep(max(0.0, began + (start + PIECE) / pace - time.perf_counter()))


def answered(connection: socket.socket) -> int:
    """The status, once the whole answer is there."""
    with HTTPResponse(connection) as response:
        response.begin()
        response.read()
        return response.status


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
