"""The Todo backend's `/api/{user}/tasks` and `/api/{user}/tags`: each user's own.

One task is shown as its events make it, without waiting for any read model.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Router, delete, get, patch, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from msgspec.structs import replace

from commands.base import Command, Stream
from commands.handler import Handler, Outcome
from commands.routes.tagging import handle_tagging
from commands.state_of_tasks import Task
from commands.tagging import Tagging
from commands.tasks import (
    TASKS,
    CreateTask,
    DeleteTask,
    EditTask,
    MarkTask,
    RetagTask,
    ToggleTask,
    TouchTask,
)
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import Invalid, NotFound
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import WireRequest, body_of, query_of, uuid_in_path
from gateway.dialects.private import LISTED, at_head, row_of, space_of, there
from gateway.dialects.todo import words
from gateway.dialects.todo.asking import demand
from gateway.dialects.todo.listing import numbered
from gateway.dialects.todo.shown import STORED, shown_task
from gateway.dialects.todo.wire import NewTask, TaskChanges, TaskQuery
from queries.rendered_tasks import Form, RenderedTasks
from queries.services import Queries
from queries.tags import list_tags

Json = dict[str, Any]


@post("/tasks", status_code=201)
async def create_task(
    request: WireRequest,
    user: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NewTask)
    demand(member, user, words.NOT_FOR_THIS_USER)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.as_typed(space_of(member), names_of(wanted.tags))
        return [*tagging.commands, creation(wanted, space_of(member), tags)]

    outcome = await handled(handler, commands, command, wanted.tags)
    return shown_task(await row_of(handler, outcome.stream), user)


@get("/tasks")
async def list_tasks(
    request: WireRequest,
    user: FromPath[str],
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    rendered_tasks: NamedDependency[RenderedTasks],
) -> Json:
    asked = query_of(request, TaskQuery)
    demand(member, user, words.NOT_YOUR_RESOURCE)
    await at_head(queries, member)
    wanted = numbered(asked, space_of(member), queries.now())
    form = Form(f"todo {user}", lambda row: shown_task(row, user))
    page = await rendered_tasks.numbered(queries.database, wanted, form)
    data = {"tasks": page.rows, "total": page.total, "limit": asked.limit, "offset": asked.offset}
    return {"data": data, "error": None}


@get("/tasks/{task:str}")
async def one_task(
    user: FromPath[str],
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
) -> Json:
    id = uuid_in_path(task, "task_id")
    demand(member, user, words.NOT_YOURS_TO_SEE)
    return shown_task(await row_of(handler, await own_task(handler, member, id)), user)


@route("/tasks/{task:str}", http_method=[HttpMethod.PATCH, HttpMethod.PUT], status_code=200)
async def change_task(
    request: WireRequest,
    user: FromPath[str],
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    """What changes nothing is a change all the same, and shows in `updated_at`."""
    id, wanted = uuid_in_path(task, "task_id"), await body_of(request, TaskChanges)
    demand(member, user, words.NOT_YOURS_TO_CHANGE)
    await own_task(handler, member, id)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.as_typed(space_of(member), names_of(wanted.tags))
        return [*tagging.commands, *changes(id, wanted, tags)]

    outcome = await handled(handler, commands, command, wanted.tags)
    if not outcome.event_count:
        another = replace(command, command_id=new_id())  # the first one is on record
        return await changed(handler, TouchTask(stream=id), another, user)
    return shown_task(await row_of(handler, outcome.stream), user)


@patch("/tasks/{task:str}/complete")
async def toggle_task(
    user: FromPath[str],
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    id = uuid_in_path(task, "task_id")
    demand(member, user, words.NOT_YOURS_TO_CHANGE)
    await own_task(handler, member, id)
    return await changed(handler, ToggleTask(stream=id), command, user)


@delete("/tasks/{task:str}", status_code=204)
async def delete_task(
    user: FromPath[str],
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    id = uuid_in_path(task, "task_id")
    demand(member, user, words.NOT_YOURS_TO_DELETE)
    await own_task(handler, member, id)
    await changed(handler, DeleteTask(stream=id), command, user)


@get("/tags")
async def tags(
    user: FromPath[str], member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> list[Json]:
    """By name; those that no task has any more too."""
    demand(member, user, words.NOT_YOUR_RESOURCE)
    await at_head(queries, member, *LISTED, "notes", "posts")  # all that carry tags
    found = await list_tags(
        queries.database, account=account_of(member), workspaces=[space_of(member)]
    )
    return [{"name": tag.name, "usage_count": tag.tasks} for tag in found]


def creation(wanted: NewTask, space: UUID, tags: Sequence[UUID]) -> CreateTask:
    return CreateTask(
        stream=new_id(),
        workspace=space,
        title=wanted.title,
        description=wanted.description,
        priority=STORED[wanted.priority],
        due=wanted.due_date,
        notify_overdue=False,  # nobody was reminded there
        tags=tuple(tags),
    )


def changes(id: UUID, wanted: TaskChanges, tags: Sequence[UUID]) -> list[Command]:
    """Only what was sent."""
    sent = wanted.model_fields_set
    fields: Json = wanted.model_dump(include=sent & {"title", "description"})
    if "priority" in sent:
        fields["priority"] = STORED[wanted.priority]
    if "due_date" in sent:
        fields["due"] = wanted.due_date
    commands: list[Command] = []
    if "completed" in sent:
        commands.append(MarkTask(stream=id, completed=wanted.completed))
    if wanted.tags is not None:
        commands.append(RetagTask(stream=id, tags=tuple(tags)))
    return [*commands, EditTask(stream=id, **fields)]


def names_of(tags: Sequence[str] | None) -> list[str]:
    """As they are typed; one with nothing in it is none."""
    return [name for name in tags or () if name.strip()]


async def handled(
    handler: Handler,
    commands: Callable[[], Awaitable[list[Command]]],
    command: CommandRequest,
    given: list[str] | None = None,
) -> Outcome:
    try:
        return await handle_tagging(handler, commands, command)
    except NotFound:  # deleted by another request meanwhile
        raise words.task_not_found() from None
    except Invalid as refusal:
        raise words.bad_tags(refusal.detail, given) from None


async def changed(handler: Handler, wanted: Command, command: CommandRequest, user: str) -> Json:
    async def commands() -> list[Command]:
        return [wanted]

    outcome = await handled(handler, commands, command)
    return shown_task(await row_of(handler, outcome.stream), user)


async def own_task(handler: Handler, member: Caller, task: UUID) -> Stream[Task]:
    """What is somebody else's is no task. Raises `Answer`."""
    found = await there(handler, TASKS, task)
    if found is None or found.owner != space_of(member):
        raise words.task_not_found()
    return found


OWN_TASKS = Router(
    path="/api/{user:str}",
    route_handlers=[
        create_task,
        list_tasks,
        one_task,
        change_task,
        toggle_task,
        delete_task,
        tags,
    ],
)
