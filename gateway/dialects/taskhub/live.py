"""TaskHub's WebSocket: the token stands in the path, and every socket hears of everything."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router, WebSocket, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath
from msgspec import UNSET

from commands.accounts import ACCOUNTS
from commands.comments import COMMENTS
from commands.handler import Handler
from commands.tasks import TASKS
from events.cloud import decode_cloud_event
from events.comments import CommentAdded
from events.envelope import Recorded
from events.notices import notices_of
from events.refusals import Refusal
from events.tasks import TaskCreated, TaskEdited
from gateway.dialects.taskhub.space import SPACE
from gateway.live.closing import Closing
from gateway.live.frames import EventFrame, Frame
from gateway.live.service import Live
from gateway.live.subscription import Subscription
from queries.audit import Wanted

Json = dict[str, Any]
_WANTED = Wanted(workspaces=frozenset({SPACE}), nouns=frozenset({"task", "comment"}))
_MAX_WAITING = 100
_TITLES = {
    "assigned": "Task Assigned: {}",
    "overdue": "Task Overdue: {}",
    "commented": "New Comment: {}",
    "mentioned": "New Comment: {}",
}


@websocket("/{token:str}")
async def live_updates(
    socket: WebSocket[Any, Any, State],
    token: FromPath[str],
    live: NamedDependency[Live],
    handler: NamedDependency[Handler],
) -> None:
    """A bad token is an HTTP 403 of the handshake. What clients say is read and ignored."""
    pipe = Pipe()
    try:
        async with live.subscribed(token, _WANTED, None, pipe, "taskhub") as subscription:
            await socket.accept()
            pumping = asyncio.create_task(pump(socket, pipe, subscription, Teller(handler)))
            try:
                with suppress(WebSocketDisconnect):
                    while True:
                        await socket.receive_data("text")
            finally:
                pumping.cancel()
    except Refusal:
        await socket.close()


class Pipe:
    """An `Outlet` whose frames wait until they are told."""

    def __init__(self) -> None:
        self.frames: deque[EventFrame] = deque()
        self.closing: Closing | None = None
        self.changed = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def ready(self) -> bool:
        return len(self.frames) < _MAX_WAITING

    def write(self, frame: Frame) -> None:
        if isinstance(frame, EventFrame):
            self.frames.append(frame)
            self.changed.set()

    async def drained(self) -> None:
        while not self.ready and self.closing is None:
            self._room.clear()
            await self._room.wait()

    def close(self, closing: Closing) -> None:
        self.closing = closing
        self.changed.set()
        self._room.set()

    async def next(self) -> EventFrame | None:
        """None once it is closed and everything was taken."""
        while not self.frames:
            if self.closing is not None:
                return None
            self.changed.clear()
            await self.changed.wait()
        self._room.set()
        return self.frames.popleft()


async def pump(
    socket: WebSocket[Any, Any, State], pipe: Pipe, subscription: Subscription, teller: "Teller"
) -> None:
    while (frame := await pipe.next()) is not None:
        for message in await teller.messages(decode_cloud_event(frame.data)):
            await socket.send_data(msgspec.json.encode(message).decode())
        subscription.flush()
    assert pipe.closing is not None
    await socket.close(pipe.closing.code)


class Teller:
    """Events in TaskHub's words. What one command did to one task is one update."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._told: tuple[UUID, UUID] | None = None

    async def messages(self, recorded: Recorded) -> list[Json]:
        changed = await self._changed(recorded)
        notices = [
            {
                "type": "notification",
                "data": {
                    "user_id": str(notice.account),
                    "title": _TITLES[notice.kind].format(await self._title(task)),
                    "task_id": str(task),
                },
            }
            for notice in notices_of(recorded)
            if (task := notice.task or await self._task_of(recorded.stream)) is not None
        ]
        return [*([changed] if changed else []), *notices]

    async def _changed(self, recorded: Recorded) -> Json | None:
        match recorded.topic:
            case "task.deleted":
                return {"type": "task_deleted", "data": {"task_id": str(recorded.stream)}}
            case "task.fell_overdue":
                return None
            case "comment.added" | "comment.edited" | "comment.deleted":
                return await self._comment(recorded)
        command = (recorded.metadata.command, recorded.stream)
        if command == self._told:
            return None
        self._told = command
        kind = "task_created" if recorded.topic == "task.created" else "task_updated"
        title = _title_in(recorded.fact) or await self._title(recorded.stream)
        data = {"task_id": str(recorded.stream), "title": title}
        return {"type": kind, "data": data}

    async def _comment(self, recorded: Recorded) -> Json:
        fact = recorded.fact
        task = fact.task if isinstance(fact, CommentAdded) else await self._task_of(recorded.stream)
        data = {"task_id": str(task), "comment_id": str(recorded.stream)}
        if recorded.topic == "comment.deleted":
            return {"type": "comment_deleted", "data": data}
        account = await self._handler.load(recorded.actor, ACCOUNTS) if recorded.actor else None
        data["author"] = account.state.full_name if account else ""
        return {"type": recorded.topic.replace(".", "_").replace("edited", "updated"), "data": data}

    async def _title(self, task: UUID) -> str:
        return (await self._handler.load(task, TASKS)).state.title

    async def _task_of(self, comment: UUID) -> UUID | None:
        return (await self._handler.load(comment, COMMENTS)).state.task


def _title_in(fact: object) -> str | None:
    """The title that the event itself gives: by now there may be another."""
    if isinstance(fact, TaskCreated):
        return fact.title
    if isinstance(fact, TaskEdited) and fact.title is not UNSET:
        return fact.title
    return None


LIVE = Router(path="/ws", route_handlers=[live_updates])
