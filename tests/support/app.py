"""The real API on a real port in this process, and what talks to it below HTTP clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from gateway.bootstrap.api import api
from gateway.bootstrap.worker import work
from gateway.server import serving
from infra.settings import Settings
from tests.support.api import PASSWORD
from tests.support.waiting import until


@dataclass
class RunningApp:
    """`client` is signed in as nobody."""

    app: Litestar
    settings: Settings
    base: str
    client: httpx.AsyncClient

    async def register(self) -> dict[str, Any]:
        """A new account's answer: its tokens and itself."""
        body = {
            "email": f"{uuid4().hex}@example.org",
            "full_name": "Ada Lovelace",
            "password": PASSWORD,
        }
        answer = await self.client.post("/v1/accounts", json=body)
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered

    async def followed(self, position: int) -> None:
        """Once its live stream has got there; answers to commands do not wait for that."""
        await until(lambda: self.app.state.live.tail.position >= position)

    async def headers(self) -> dict[str, str]:
        """Those of a new account, signed in."""
        return {"Authorization": f"Bearer {(await self.register())['access_token']}"}

    async def metrics(self) -> dict[tuple[str, ...], float]:
        """What it counts, by names and their labels' values."""
        answer = await self.client.get("/metrics")
        assert answer.status_code == 200, answer.text
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    @asynccontextmanager
    async def raw(self, data: bytes) -> AsyncIterator["RawConnection"]:
        """A connection of its own on which these bytes were sent."""
        parts = urlsplit(self.base)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(data)
        try:
            yield RawConnection(reader, writer)
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


@dataclass
class RawConnection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def rest(self, within: float = 8.0) -> bytes:
        """Everything until the other side closes."""
        async with asyncio.timeout(within):
            return await self.reader.read()

    async def answer(self, within: float = 8.0) -> tuple[int, bytes]:
        """The next answer's status and body."""
        async with asyncio.timeout(within):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            length = next(
                int(line.partition(":")[2])
                for line in lines
                if line.lower().startswith("content-length:")
            )
            return int(lines[0].split()[1]), await self.reader.readexactly(length)


@asynccontextmanager
async def running_app(settings: Settings, *, worker: bool = False) -> AsyncIterator[RunningApp]:
    """With `worker`, read models follow the log."""
    app = api(settings)
    working = asyncio.create_task(work(settings)) if worker else None
    try:
        async with (
            serving(app, settings) as base,
            httpx.AsyncClient(base_url=base, timeout=30) as client,
        ):
            yield RunningApp(app, settings, base, client)
    finally:
        if working is not None:
            working.cancel()
            await asyncio.wait([working])
