"""Clients of the system that keep what they were told, whatever happens to it meanwhile."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random, randrange
from typing import Any
from uuid import UUID, uuid4

import httpx

from events.ids import command_id_for
from tests.support.listening import Listener
from tests.support.system import System
from tests.support.waiting import pause, until

WRITERS = 4
PASSWORD = "correct horse battery"
PACE = 0.05
SOME = 60
SEED = "FAULT_SEED"  # of the environment; drawn anew, and printed, where that does not say
UPLOAD_PACE = 0.3
FILE_PARTS = 8_000  # of 32 bytes
PATIENCE = 8.0  # nobody may be left without an answer for longer


@dataclass
class Writer:
    """Sends each command until it is answered, with the same key."""

    client: httpx.AsyncClient
    account: UUID
    listener: Listener
    sent: list[str] = field(default_factory=list)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def command_id(self, key: str) -> UUID:
        return command_id_for(self.account, key)

    def body(self, key: str) -> dict[str, str]:
        return {"title": f"task {key}"}


class Traffic:
    """`answers` counts what was answered, `trouble` holds what should never have been, `refused`
    counts the 503, `slowest` is the longest that anybody waited for an answer."""

    def __init__(self, writers: list[Writer], chance: Random) -> None:
        self.writers = writers
        self._chance = chance
        self.answers: Counter[str] = Counter()
        self.trouble: list[str] = []
        self.slowest = 0.0
        self.refused = 0
        self._acknowledged: list[float] = []
        self._shown: list[float] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def endings(self) -> Counter[int | None]:
        """How connections of the live stream ended."""
        return sum((writer.listener.endings for writer in self.writers), Counter())

    @property
    def acknowledged(self) -> dict[UUID, dict[str, Any]]:
        """The answers, by the id of the command."""
        return {
            writer.command_id(key): answer
            for writer in self.writers
            for key, answer in writer.acknowledged.items()
        }

    async def instant(self) -> None:
        """Comes at random: after some more commands, and then anywhere between two of them."""
        await self.more(self._chance.randint(1, SOME))
        await pause(self._chance.uniform(0, PACE))

    async def more(self, count: int = 20, within: float = 30.0) -> None:
        """Once so many more commands were acknowledged, and showed."""
        acknowledged, shown = len(self._acknowledged) + count, len(self._shown) + count

        def done() -> bool:
            return len(self._acknowledged) >= acknowledged and len(self._shown) >= shown

        await until(lambda: done() or self.trouble, within)
        assert not self.trouble, self.trouble

    def tell(self, fault: str, since: float) -> None:
        """For those who run tests with `-s`: the longest time without an acknowledged command,
        without one that showed, and without an answer."""
        gaps = [_gap(moments, since) for moments in (self._acknowledged, self._shown)]
        print(
            f"\n{fault}: no command for {gaps[0]:.1f} s, no read for {gaps[1]:.1f} s,"
            f" slowest answer {self.slowest:.1f} s, {dict(self.answers)}"
        )
        self.slowest = 0.0
        self.answers.clear()

    async def write(self, writer: Writer) -> None:
        while not self._stopping:
            key = uuid4().hex
            writer.sent.append(key)
            while (answer := await self._create(writer, key)) is None:
                await pause(0.05)
            if answer.status_code != 201:
                return
            writer.acknowledged[key] = answer.json()
            self._acknowledged.append(time.monotonic())
            await pause(PACE)

    async def read(self, writer: Writer) -> None:
        """Whoever wrote sees it, or is told that it takes longer."""
        while not self._stopping:
            known = list(writer.acknowledged.values())[-1:]
            if not known:
                await pause(0.05)
                continue
            task = await self._ask(writer, "GET", f"/v1/tasks/{known[0]['id']}")
            if task is None:
                await pause(0.05)
            elif task.status_code == 200:
                self._shown.append(time.monotonic())
                await pause(PACE)

    async def upload(self, writer: Writer) -> None:
        """A file on the newest task, sent until it is there, and then another."""
        while not self._stopping:
            known = list(writer.acknowledged.values())[-1:]
            if known:
                key, path = uuid4().hex, f"/v1/tasks/{known[0]['id']}/attachments"
                content = key.encode() * FILE_PARTS
                file = {"files": ("notes.txt", content, "text/plain")}
                headers = {"Idempotency-Key": key}
                while True:
                    sent = await self._ask(writer, "POST", path, files=file, headers=headers)
                    if sent is not None:
                        break
                    await pause(0.05)
                if sent.status_code != 201:
                    return
                writer.files[sent.json()["items"][0]["id"]] = content
            await pause(UPLOAD_PACE)

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(work(writer))
            for writer in self.writers
            for work in (self.write, self.read, self.upload)
        ]
        self._listening = [asyncio.create_task(w.listener.run()) for w in self.writers]

    async def settle(self) -> None:
        """No new commands; what was sent is seen through."""
        self._stopping = True
        async with asyncio.timeout(30):
            await asyncio.gather(*self._tasks)
        assert not self.trouble, self.trouble

    async def close(self) -> None:
        tasks = [*self._tasks, *self._listening]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self.writers:
            await writer.client.aclose()

    async def _create(self, writer: Writer, key: str) -> httpx.Response | None:
        headers = {"Idempotency-Key": key}
        return await self._ask(writer, "POST", "/v1/tasks", json=writer.body(key), headers=headers)

    async def _ask(
        self, writer: Writer, method: str, path: str, **options: Any
    ) -> httpx.Response | None:
        """None when it is worth asking again."""
        began = time.monotonic()
        try:
            answer = await writer.client.request(method, path, **options)
        except httpx.TimeoutException:
            self.trouble.append(f"{method} {path} had no answer after {PATIENCE} s")
            raise
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
            self.refused += 1
            return None
        if answer.status_code not in (200, 201):
            self.trouble.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer


@asynccontextmanager
async def traffic(system: System, writers: int = WRITERS) -> AsyncIterator[Traffic]:
    """Commands and questions until they settle, or this is left."""
    limits = httpx.Limits(max_connections=writers + 1)
    async with httpx.AsyncClient(base_url=system.base, timeout=PATIENCE, limits=limits) as client:
        seed = os.environ.get(SEED) or str(randrange(1 << 32))
        print(f"\ninstants are drawn from {SEED}={seed}")
        registered = [await _registered(system, client, n) for n in range(writers)]
        flow = Traffic(registered, Random(seed))
        flow.start()
        try:
            await flow.more(writers)
            yield flow
        finally:
            await flow.close()


async def _registered(system: System, client: httpx.AsyncClient, number: int) -> Writer:
    who = {
        "email": f"writer-{uuid4().hex}@example.org",
        "full_name": f"Writer {number}",
        "password": PASSWORD,
    }
    answer = await client.post("/v1/accounts", json=who)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    account, token = UUID(made["account"]["id"]), made["access_token"]
    own = httpx.AsyncClient(
        base_url=system.base,
        timeout=PATIENCE,
        headers={"Authorization": f"Bearer {token}"},
    )
    return Writer(own, account, Listener(system.base, account, token))


def _gap(moments: list[float], since: float) -> float:
    passed = [since, *(moment for moment in moments if moment > since), time.monotonic()]
    return max(b - a for a, b in pairwise(passed))
