"""What does a client hear of what this program cannot read, and who else does?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from events.append import Append
from events.codec import SealedEvent
from events.envelope import Metadata
from events.ids import new_id
from events.sealing import seal
from tests.support.api import bearer, settings_for
from tests.support.app import RunningApp, running_app
from tests.support.log import Log, open_log
from tests.support.servers import fresh_database

TITLE = "Buy milk"


@pytest.fixture(scope="module")
async def served(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    async with (
        fresh_database(postgres_url) as url,
        running_app(settings_for(url, nats_url), worker=True) as running,
    ):
        yield running


@pytest.fixture(scope="module")
async def log(served: RunningApp) -> AsyncIterator[Log]:
    """The same log, for what the API does not do."""
    assert served.settings.database_url
    async with open_log(served.settings.database_url) as opened:
        yield opened


@asynccontextmanager
async def started_again(served: RunningApp, headers: dict[str, str]) -> AsyncIterator[RunningApp]:
    """A process that remembers nothing, and somebody signed in there."""
    async with running_app(served.settings) as running:
        running.client.headers.update(headers)
        yield running


async def new_task(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = await client.post("/v1/tasks", json={"title": TITLE}, headers=headers)
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def append_as_a_newer_program(
    log: Log, task: dict[str, Any], topic: str, state: bytes
) -> None:
    stream, owner = UUID(task["id"]), UUID(task["workspace"])
    await log.keys.load([owner])
    key = log.keys.key_of(owner)
    assert key is not None
    command = new_id()
    event = SealedEvent(
        originator_id=stream,
        originator_version=2,
        topic=topic,
        state=seal(key, state, b"%s%d %s" % (stream.bytes, 2, topic.encode())),
        owner=owner,
        occurred_at=datetime.now(UTC),
        metadata=msgspec.json.encode(Metadata(command=command, correlation=command)),
    )
    append = Append(
        command_id=command,
        account=None,
        fingerprint=b"",
        stream=stream,
        version=2,
        events=[event],
    )
    assert (await log.appender.append(append)).outcome == "ok"


def demand_unreadable(answer: httpx.Response, *named: str) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["code"] == "unreadable"
    assert all(name in answer.json()["detail"] for name in named)
    assert TITLE not in answer.text


async def test_a_command_on_a_damaged_task_is_refused_and_all_others_go_on(
    served: RunningApp, log: Log
) -> None:
    headers = await served.headers()
    ill, well = [await new_task(served.client, headers) for _ in range(2)]
    await log.execute("UPDATE events SET state = '\\x00' WHERE originator_id = $1", UUID(ill["id"]))
    head = await log.reader.head()
    async with started_again(served, headers) as running:
        change = {"title": "Buy oats"}
        for _ in range(2):
            refused = await running.client.patch(f"/v1/tasks/{ill['id']}", json=change)
            demand_unreadable(refused, ill["id"])
        assert await log.reader.head() == head
        changed = await running.client.patch(f"/v1/tasks/{well['id']}", json=change)
        assert changed.status_code == 200
        assert await log.reader.head() == head + 1


@pytest.mark.parametrize(
    ("topic", "state"), [("task.teleported", b"{}"), ("task.started", b'{"class_version":2}')]
)
async def test_what_only_a_newer_program_knows_is_left_to_it(
    served: RunningApp, log: Log, topic: str, state: bytes
) -> None:
    """Also by a process that remembers the task as it was."""
    headers = await served.headers()
    task = await new_task(served.client, headers)
    await append_as_a_newer_program(log, task, topic, state)
    head = await log.reader.head()
    path = f"/v1/tasks/{task['id']}"
    change = {"title": "Buy oats"}
    demand_unreadable(await served.client.patch(path, json=change, headers=headers), task["id"])
    assert await log.reader.head() == head
    await new_task(served.client, headers)


async def test_a_past_is_told_as_far_as_it_can_be_read(served: RunningApp, log: Log) -> None:
    headers = await served.headers()
    task = await new_task(served.client, headers)
    await append_as_a_newer_program(log, task, "task.teleported", b"{}")
    path = f"/v1/tasks/{task['id']}"
    then = await served.client.get(f"{path}/as-of?version=1", headers=headers)
    assert (then.status_code, then.json()["title"]) == (200, TITLE)
    for question in ("as-of?version=2", "history"):
        answer = await served.client.get(f"{path}/{question}", headers=headers)
        demand_unreadable(answer, task["id"])


async def test_a_workspace_whose_key_does_not_open_takes_no_command(
    served: RunningApp, log: Log
) -> None:
    """Neither where it is remembered nor where it must be read."""
    registered = await served.register()
    headers = bearer(registered)
    [workspace] = (await served.client.get("/v1/workspaces", headers=headers)).json()["items"]
    await log.execute("UPDATE secrets SET value = '\\x00' WHERE owner = $1", UUID(workspace["id"]))
    head = await log.reader.head()
    body = {"title": TITLE}
    demand_unreadable(
        await served.client.post("/v1/tasks", json=body, headers=headers), workspace["id"]
    )
    async with started_again(served, headers) as running:
        demand_unreadable(await running.client.post("/v1/tasks", json=body), workspace["id"])
    assert await log.reader.head() == head
