"""How long from a command to the read model, and to a socket, at a steady 500 commands a second?

An open loop: what is late is measured from when it was due. The ceiling is the command's own
answer, which comes once it is durable.
"""

import asyncio
import json
import time
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
from websockets.asyncio.client import ClientConnection, connect

from infra.nats import Nats
from tests.benchmarks.create import creations
from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import HOST, Answer, Connection, UnexpectedAnswer, connections
from tests.benchmarks.system import System, system
from tests.support.waiting import pause, until

RATE, SECONDS, WARM_UP = 500, 15.0, 2.0
PEOPLE, CONNECTIONS = 20, 200
TARGETS = {"read model": 250.0, "socket": 300.0}  # ms, 99 of 100


class Seen:
    """When each position was answered, shown by the read model and heard on a socket."""

    def __init__(self) -> None:
        self.due: dict[int, float] = {}
        self.answered: dict[int, float] = {}
        self.heard: dict[int, float] = {}
        self.projected: list[tuple[int, float]] = [(0, 0.0)]

    def on_projected(self, subject: str, position: int) -> None:
        if position > self.projected[-1][0]:
            self.projected.append((position, time.perf_counter()))

    def complete(self) -> bool:
        last = max(self.due, default=0)
        return self.projected[-1][0] >= last and self.due.keys() <= self.heard.keys()

    def times(self) -> Mapping[str, list[float]]:
        """In milliseconds from when each was due, sorted."""
        shown = self.projected
        at = {p: shown[bisect_left(shown, (p, 0.0))][1] for p in self.due}
        moments = {"answer": self.answered, "read model": at, "socket": self.heard}
        return {
            name: sorted(1000 * (found[p] - due) for p, due in self.due.items())
            for name, found in moments.items()
        }


async def measure() -> Sequence[Figure]:
    seen = Seen()
    async with system() as real:
        tokens = await real.tokens(PEOPLE)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(watching(real, seen))
            for token in tokens:
                await stack.enter_async_context(listening(real, token, seen))
            await send(real, tokens, seen, WARM_UP)
            await until(seen.complete, within=30)
            seen.due.clear()
            before, resident = real.processor_seconds(), real.resident()
            await send(real, tokens, seen, SECONDS)
            after = real.processor_seconds()
            await until(seen.complete, within=30)
        grown = {name: real.resident()[name] - size for name, size in resident.items()}
    used = {name: (after[name] - before[name]) / SECONDS for name in after}
    return [*figures(seen.times()), processors(used), memory(grown)]


async def send(real: System, tokens: Sequence[str], seen: Seen, seconds: float) -> None:
    requests = [creations("/v1/tasks", token) for token in tokens]
    async with connections(real.port, CONNECTIONS) as opened:
        free = deque(opened)  # in turn, so that none is idle for long
        began = time.perf_counter()
        for number in range(int(RATE * seconds)):
            due = began + number / RATE
            await pause(max(0.0, due - time.perf_counter()))
            await until(lambda: free)
            sending(free, next(requests[number % PEOPLE]), due, seen)
        await until(lambda: len(free) == CONNECTIONS, within=30)


def sending(free: deque[Connection], request: bytes, due: float, seen: Seen) -> None:
    connection = free.popleft()

    def answered(answer: Answer) -> None:
        if answer.status != 201:
            raise UnexpectedAnswer(answer)
        position = int(answer.header(b"tasktrail-position"))
        seen.due[position], seen.answered[position] = due, time.perf_counter()
        free.append(connection)

    connection.send(request, answered)


@asynccontextmanager
async def watching(real: System, seen: Seen) -> AsyncIterator[None]:
    """What projectors say after each commit."""
    async with Nats(real.environment["NATS_URL"]) as nats:
        await nats.wait_connected(5)
        async with nats.listening("tasktrail.hints.projected.tasks", seen.on_projected):
            yield


@asynccontextmanager
async def listening(real: System, token: str, seen: Seen) -> AsyncIterator[None]:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"ws://{HOST}:{real.port}/v1/stream"
    async with connect(url, additional_headers=headers, compression=None, proxy=None) as socket:
        while json.loads(await socket.recv())["type"] != "live":
            pass
        hearing = asyncio.create_task(hear(socket, seen))
        try:
            yield
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])


async def hear(socket: ClientConnection, seen: Seen) -> None:
    async for message in socket:
        now = time.perf_counter()
        frame = json.loads(message)
        if frame["type"] == "task.created":
            seen.heard[frame["position"]] = now


def figures(times: Mapping[str, list[float]]) -> list[Figure]:
    return [
        Figure(
            name=f"command to {name}, p{percent}",
            value=percentile(times[name], percent),
            unit="ms",
            ceiling=percentile(times["answer"], percent),
            ceiling_name="ms to its answer",
            target=f"at most {target:.0f}",
            reached=percentile(times[name], percent) <= target,
        )
        for name, target in TARGETS.items()
        for percent in (50, 99)
    ]


def percentile(found: Sequence[float], percent: int) -> float:
    return found[min(len(found) - 1, len(found) * percent // 100)]


def processors(used: Mapping[str, float]) -> Figure:
    """All of ours, without what sends the commands."""
    ours = {name: share for name, share in used.items() if name != "load"}
    there = psutil.cpu_count() or 1
    return Figure(
        name=f"processors at {RATE} commands/s",
        value=sum(ours.values()),
        unit="busy",
        ceiling_name=", ".join(
            f"{name} {share:.2f}" for name, share in ours.items() if share > 0.05
        ),
        target=f"below {there}",
        reached=sum(ours.values()) < there,
    )


def memory(grown: Mapping[str, int]) -> Figure:
    """Caches fill up to their limits; nothing else should grow."""
    commands = int(RATE * SECONDS)
    return Figure(
        name=f"memory for {commands:,} commands",
        value=sum(grown.values()) / 1e6,
        unit="MB more",
        ceiling_name=", ".join(f"{name} {size / 1e6:.1f}" for name, size in grown.items()),
        target="at most 50",
        reached=sum(grown.values()) < 50e6,
    )


if __name__ == "__main__":
    show(measure)
