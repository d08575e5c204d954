"""Phase 3's tasks: each user's own, below `/api/{user}` and `/api/v1/users/{user}/tasks`.

One task is shown as its events make it, without waiting for any read model.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Router, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Raw

from commands.base import Command, Stream
from commands.handler import Handler
from commands.state_of_tasks import Task
from commands.tasks import (
    TASKS,
    CompleteTask,
    CreateTask,
    DeleteTask,
    EditTask,
    ReopenTask,
    ToggleTask,
)
from events.append import CommandRequest
from events.base import Priority
from events.envelope import Caller
from events.ids import new_id
from events.refusals import NotFound
from gateway.dialects.fastapi import Answer, WireRequest, body_of, detail, query_of
from gateway.dialects.phase3.shown import shown_task
from gateway.dialects.phase3.wire import NewTask, TaskChanges, TaskQuery
from gateway.dialects.phase3.words import TASK_NOT_FOUND, UPDATE_FAILED
from gateway.dialects.private import at_head, row_of, space_of, there
from queries.numbered_tasks import Numbered
from queries.rendered_tasks import Form, RenderedTasks
from queries.services import Queries
from queries.tasks import Status, TaskFilter

Json = dict[str, Any]
_ENOUGH = 1 << 31  # more than any list has
_STATUSES: dict[str, tuple[Status, ...]] = {
    "active": ("todo", "in_progress"),
    "completed": ("completed",),
}
_PRIORITIES: dict[str, tuple[Priority, ...]] = {
    "low": ("low",),
    "medium": ("medium",),
    "high": ("high", "urgent"),
}


@post("/", status_code=201)
async def create_task(
    request: WireRequest,
    user: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    outcome = await handler.handle(
        [creation(await body_of(request, NewTask), space_of(command.caller))], command
    )
    return shown_task(await row_of(handler, outcome.stream), user)


@get("/")
async def list_tasks(
    request: WireRequest,
    user: FromPath[str],
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    rendered_tasks: NamedDependency[RenderedTasks],
) -> Sequence[Raw]:
    """In the order of their creation, whatever became of them since."""
    asked = query_of(request, TaskQuery)
    await at_head(queries, member)
    wanted = Numbered(
        workspace=space_of(member),
        wanted=wanted_of(asked),
        now=queries.now(),
        order="asc",
        offset=min(asked.skip, _ENOUGH),
        limit=min(asked.limit, _ENOUGH),
    )
    form = Form(f"phase3 {user}", lambda row: shown_task(row, user))
    return (await rendered_tasks.numbered(queries.database, wanted, form)).rows


@get("/{task:str}")
async def one_task(
    user: FromPath[str],
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
) -> Json:
    return shown_task(await row_of(handler, await own_task(handler, member, task)), user)


@put("/{task:str}")
async def change_task(
    request: WireRequest,
    user: FromPath[str],
    task: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, TaskChanges)
    own = await own_task(handler, command.caller, task)
    if wanted.spoilt:
        raise detail(400, UPDATE_FAILED)
    return await changed(handler, changes(own.id, wanted, own.state), command, user)


@patch("/{task:str}/toggle")
async def toggle_task(
    user: FromPath[str],
    task: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    own = await own_task(handler, command.caller, task)
    return await changed(handler, [ToggleTask(stream=own.id)], command, user)


@delete("/{task:str}", status_code=204)
async def delete_task(
    user: FromPath[str],
    task: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    own = await own_task(handler, command.caller, task)
    await changed(handler, [DeleteTask(stream=own.id)], command, user)


def creation(wanted: NewTask, space: UUID) -> CreateTask:
    return CreateTask(
        stream=new_id(),
        workspace=space,
        title=wanted.title,
        description=wanted.description,
        priority=wanted.priority,
        status="completed" if wanted.completed else "todo",
    )


def changes(id: UUID, wanted: TaskChanges, task: Task) -> list[Command]:
    """What was sent. A task in progress is not completed, so that leaves it in progress."""
    sent = wanted.model_dump(include={"title", "description", "priority"}, exclude_unset=True)
    commands: list[Command] = [EditTask(stream=id, **sent)]
    if wanted.completed is True:
        commands.append(CompleteTask(stream=id))
    if wanted.completed is False and task.status == "completed":
        commands.append(ReopenTask(stream=id))
    return commands


def wanted_of(asked: TaskQuery) -> TaskFilter:
    """Words that its frontend does not know mean everything, as they did."""
    return TaskFilter(
        statuses=_STATUSES.get(asked.status or "", ()),
        priorities=_PRIORITIES.get(asked.priority or "", ()),
        text=asked.search or None,
    )


async def changed(
    handler: Handler, commands: list[Command], command: CommandRequest, user: str
) -> Json:
    try:
        outcome = await handler.handle(commands, command)
    except NotFound:  # deleted by another request meanwhile
        raise task_not_found() from None
    return shown_task(await row_of(handler, outcome.stream), user)


async def own_task(handler: Handler, member: Caller, task: str) -> Stream[Task]:
    """The task by its id as it is shown; anything else, and what is somebody else's, is no task.
    Raises `Answer`."""
    id = _id_of(task)
    found = await there(handler, TASKS, id) if id else None
    if found is None or found.owner != space_of(member):
        raise task_not_found()
    return found


def task_not_found() -> Answer:
    return detail(404, TASK_NOT_FOUND)


def _id_of(text: str) -> UUID | None:
    try:
        id = UUID(text)
    except ValueError:
        return None
    return id if str(id) == text else None


_HANDLERS = [create_task, list_tasks, one_task, change_task, toggle_task, delete_task]
OWN_TASKS = Router(path="/api/{user:str}", route_handlers=_HANDLERS)
OWN_TASKS_V1 = Router(path="/api/v1/users/{user:str}/tasks", route_handlers=_HANDLERS)
