"""Task Manager's `/tasks`: everybody's own, in the order in which they were created."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Raw

from commands.attachments import ATTACHMENTS, RemoveAttachment
from commands.base import Command, Stream
from commands.handler import Handler
from commands.routes.uploads import Store
from commands.state_of_tasks import Task
from commands.tagging import Tagging
from commands.tasks import TASKS, ArrangeTags, CreateTask, DeleteTask, EditTask, MarkTask
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import NotFound
from gateway.dialects.fastapi import WireRequest, body_of, query_of
from gateway.dialects.private import at_head, own, space_of, there
from gateway.dialects.taskmanager import words
from gateway.dialects.taskmanager.handling import handled
from gateway.dialects.taskmanager.listing import numbered
from gateway.dialects.taskmanager.reading import SYSTEM, own_task, shown, user_of
from gateway.dialects.taskmanager.shown import shown_task
from gateway.dialects.taskmanager.wire import BulkChanges, NewTask, TaskChanges, TaskQuery
from queries.attachments import of_tasks
from queries.rendered_tasks import Form, RenderedTasks
from queries.services import Queries

Json = dict[str, Any]


@post("/", status_code=201)
async def create_task(
    request: WireRequest,
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NewTask)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.ids(space_of(member), wanted.tags)
        return [*tagging.commands, *creation(space_of(member), wanted, tags)]

    outcome = await handled(handler, commands, command)
    return await shown(handler, member, outcome.stream)


@get("/")
async def list_tasks(
    request: WireRequest,
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    rendered_tasks: NamedDependency[RenderedTasks],
) -> Sequence[Raw]:
    asked = query_of(request, TaskQuery)
    await at_head(queries, member)
    user = await user_of(handler, member)
    form = Form(f"taskmanager {user}", lambda row: shown_task(row, user))
    wanted = numbered(asked, space_of(member), queries.now())
    return (await rendered_tasks.numbered(queries.database, wanted, form)).rows


@patch("/bulk")
async def change_tasks(
    request: WireRequest,
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> list[Json]:
    """All of them or none, each once however often it is named."""
    wanted = await body_of(request, BulkChanges)
    if not wanted.updates.model_fields_set:
        raise words.nothing_to_update()
    found = await own_tasks(handler, member, wanted.task_ids)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.as_typed(space_of(member), wanted.updates.tags)
        changing = [each for id in found for each in changes(id, wanted.updates, tags)]
        return [*tagging.commands, *changing]

    outcome = await handled(handler, commands, command)
    streams = {stream.id: stream for stream in outcome.streams}
    return [await shown(handler, member, streams[id]) for id in found]


@get("/{task:str}")
async def one_task(
    task: FromPath[str], member: NamedDependency[Caller], handler: NamedDependency[Handler]
) -> Json:
    """From the log itself, so that it is never late."""
    return await shown(handler, member, await own_task(handler, member, task))


@patch("/{task:str}")
async def change_task(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, TaskChanges)
    found = await own_task(handler, member, task)
    if not wanted.model_fields_set:
        raise words.nothing_to_update()

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.as_typed(space_of(member), wanted.tags)
        return [*tagging.commands, *changes(found.id, wanted, tags)]

    outcome = await handled(handler, commands, command, number=found.number)
    return await shown(handler, member, outcome.stream)


@delete("/{task:str}", status_code=204)
async def delete_task(
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    objects: NamedDependency[Store],
    command: NamedDependency[CommandRequest],
) -> None:
    """Its files go with it."""
    found = await own_task(handler, member, task)
    await at_head(queries, member, "attachments")
    rows = (await of_tasks(queries.database, [found.id]))[found.id]
    files = [file for file in rows if await there(handler, ATTACHMENTS, file.id)]
    removing = [RemoveAttachment(stream=file.id, task=found.id) for file in files]
    try:
        await handler.handle([*removing, DeleteTask(stream=found.id)], command)
    except NotFound:
        raise words.task_not_found(found.number) from None
    objects.discard([file.object_key for file in files])


async def own_tasks(handler: Handler, member: Caller, numbers: Sequence[int]) -> list[UUID]:
    """In the order in which they are named. Raises `Answer` with those that are not the
    member's."""
    found: dict[int, Stream[Task] | None] = {
        number: await own(handler, TASKS, member, number, SYSTEM)
        for number in dict.fromkeys(numbers)
    }
    missing = [number for number in numbers if found[number] is None]
    if missing:
        raise words.tasks_not_found(missing)
    return [task.id for task in found.values() if task is not None]


def creation(space: UUID, wanted: NewTask, tags: Sequence[UUID]) -> list[Command]:
    task = CreateTask(
        stream=new_id(),
        workspace=space,
        title=wanted.title,
        description=wanted.description,
        priority=wanted.priority,
        due=wanted.due_date,
        notify_overdue=False,  # nobody was reminded there
        status="completed" if wanted.completed else "todo",
    )
    return [task, ArrangeTags(stream=task.stream, tags=tuple(tags))]


def changes(task: UUID, wanted: TaskChanges, tags: Sequence[UUID]) -> list[Command]:
    """Only what was sent."""
    sent = wanted.model_fields_set
    names = {"title": "title", "description": "description", "priority": "priority"}
    fields = {**names, "due_date": "due"}
    given = {ours: getattr(wanted, theirs) for theirs, ours in fields.items() if theirs in sent}
    commands: list[Command] = [EditTask(stream=task, **given)]
    if "completed" in sent:
        commands.append(MarkTask(stream=task, completed=wanted.completed))
    if "tags" in sent:
        commands.append(ArrangeTags(stream=task, tags=tuple(tags)))
    return commands


OWN_TASKS = Router(
    path="/tasks",
    route_handlers=[create_task, list_tasks, change_tasks, one_task, change_task, delete_task],
)
