"""Reminding somebody of an overdue task over HTTP."""

from typing import cast
from uuid import UUID

import msgspec
from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Stream
from commands.handler import Handler
from commands.overdue import Announcement, RemindOfOverdue
from commands.routes.tasks import workspace_of
from events.append import CommandRequest
from events.ids import new_id
from events.notices import notification_id
from gateway.http import answer


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """Who was told: the assignee, else the creator, else you; and their notification."""

    task: UUID
    account: UUID
    notification: UUID


@post("/tasks/{task:uuid}/remind", operation_id="remindOfTask", status_code=200)
async def remind_of_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[Reminder]:
    """Tell whom it concerns, even if that is you, that a task is overdue, and again if they were
    told before. One that is not overdue is a 409."""
    command = RemindOfOverdue(
        stream=new_id(), workspace=await workspace_of(handler, task), task=task
    )
    outcome = await handler.handle([command], command_request)
    told = cast(Stream[Announcement], outcome.stream).state.told
    assert told is not None, "somebody is told, else it was refused"
    reminder = Reminder(
        task=task, account=told, notification=notification_id(told, outcome.position)
    )
    return answer(reminder, position=outcome.position, replayed=outcome.replayed)


REMINDER_COMMANDS = Router(path="/", route_handlers=[remind_of_task], tags=["notifications"])
