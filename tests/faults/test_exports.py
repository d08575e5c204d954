"""Is an export finished, once, when the worker that makes it is killed?"""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from websockets.asyncio.client import ClientConnection, connect

from infra.objects import Objects
from tests.support.api import bearer, person
from tests.support.files import keys_in
from tests.support.system import System
from tests.support.waiting import until

Json = dict[str, Any]
TASKS, BULK = 6_000, 100
TEXT = "What there is to say about it, so that writing it down takes a while. " * 10


@asynccontextmanager
async def somebody(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is signed in."""
    async with httpx.AsyncClient(base_url=system.base, timeout=30) as client:
        tokens = (await client.post("/v1/accounts", json=person())).json()
        client.headers.update(bearer(tokens))
        yield client


async def fill(client: httpx.AsyncClient) -> None:
    """Her workspace has many tasks, each with something to read."""
    body = {
        "atomic": True,
        "tasks": [{"title": f"Task {n}", "description": TEXT} for n in range(BULK)],
    }
    for _ in range(TASKS // BULK // 4):
        answers = await asyncio.gather(
            *(client.post("/v1/tasks/bulk", json=body) for _ in range(4))
        )
        assert {answer.status_code for answer in answers} == {200}
    shown = await client.get("/v1/statistics?min_position=head")
    assert shown.json()["total"] == TASKS


async def heard(socket: ClientConnection, kind: str) -> Json:
    async for message in socket:
        frame: Json = json.loads(message)
        if frame["type"] == kind:
            return frame
    raise AssertionError(f"the stream ended without {kind}")


async def test_a_worker_killed_in_mid_export_leaves_it_to_the_next(system: System) -> None:
    async with somebody(system) as client:
        await fill(client)
        stream = f"{system.base.replace('http', 'ws', 1)}/v1/stream?noun=export"
        headers = {"Authorization": client.headers["Authorization"]}
        async with connect(stream, additional_headers=headers, proxy=None) as socket:
            await heard(socket, "live")
            asked = await client.post("/v1/exports", json={"format": "xlsx", "history": True})
            place = asked.headers["Location"]
            progress = (await heard(socket, "export.progressed"))["data"]
            victim = system.kill("worker")
            assert 0 < progress["done"] < progress["total"] == 2 * TASKS
            await system.replaced(victim, "worker")
            done = (await heard(socket, "export.completed"))["data"]
        before = int(asked.headers["Tasktrail-Position"]) - 1
        events = (await client.get(f"/v1/events?after={before}&noun=export")).json()["items"]
        kinds = [event["type"] for event in events]
        assert (kinds[0], kinds[-1]) == ("export.requested", "export.completed")
        assert set(kinds[1:-1]) == {"export.progressed"}
        steps = [event["data"]["done"] for event in events[1:-1]]
        assert steps == sorted(set(steps))
        link = (await client.get(f"{place}/link?min_position=head")).json()["url"]
        async with httpx.AsyncClient() as anybody:
            content = (await anybody.get(link)).content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (done["size"], done["sha256"])
        assert done["rows"] == 2 * TASKS
        await demand_nothing_left(system, UUID(asked.json()["id"]), victim.pid)


async def demand_nothing_left(system: System, export: UUID, process: int) -> None:
    """Neither in the store nor on disk."""
    objects = Objects.of(system.settings)
    try:
        assert await keys_in(objects) == {export}
    finally:
        await objects.close()
    left = Path(tempfile.gettempdir())
    await until(lambda: not list(left.glob(f"tasktrail-export-{process}-*")))
