"""TaskHub's WebSocket, as its frontend listens to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.support.app import RunningApp
from tests.support.hub import Hub


@asynccontextmanager
async def listening(system: RunningApp, token: str) -> AsyncIterator[ClientConnection]:
    url = f"{system.base.replace('http', 'ws')}/taskhub/ws/{token}"
    async with connect(url) as socket:
        yield socket


async def heard(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [json.loads(await socket.recv()) for _ in range(count)]


async def test_every_socket_hears_what_happens_to_tasks(
    system: RunningApp, hub: Hub, colleague: Hub
) -> None:
    async with listening(system, colleague.token) as socket:
        await socket.send("whatever")
        task = await hub.task(title="Plan", tags=["a", "b"])
        await hub.ask("PUT", f"/tasks/{task['id']}", {"title": "Plans", "status": "completed"})
        await hub.ask("DELETE", f"/tasks/{task['id']}")
        created, updated, deleted = await heard(socket, 3)
    assert created == {"type": "task_created", "data": {"task_id": task["id"], "title": "Plan"}}
    assert updated["type"] == "task_updated"
    assert updated["data"] == {"task_id": task["id"], "title": "Plans"}
    assert deleted == {"type": "task_deleted", "data": {"task_id": task["id"]}}


async def test_every_socket_hears_what_is_said_and_who_is_told(
    system: RunningApp, hub: Hub, colleague: Hub
) -> None:
    task = await hub.task(title="Plan")
    path = f"/tasks/{task['id']}/comments"
    async with listening(system, hub.token) as socket:
        comment = (await colleague.ask("POST", path, {"content": "one"})).json()
        await colleague.ask("PUT", f"{path}/{comment['id']}", {"content": "two"})
        await colleague.ask("DELETE", f"{path}/{comment['id']}")
        added, notified, updated, deleted = await heard(socket, 4)
    known = {"task_id": task["id"], "comment_id": comment["id"]}
    author = {"author": colleague.user["full_name"]}
    assert added == {"type": "comment_added", "data": {**known, **author}}
    assert notified["type"] == "notification"
    assert notified["data"] == {
        "user_id": hub.user["id"],
        "title": "New Comment: Plan",
        "task_id": task["id"],
    }
    assert updated == {"type": "comment_updated", "data": {**known, **author}}
    assert deleted == {"type": "comment_deleted", "data": known}


async def test_a_bad_token_fails_the_handshake(system: RunningApp) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with listening(system, "nonsense"):
            pass
    assert refused.value.response.status_code == 403
