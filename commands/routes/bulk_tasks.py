"""Many task commands in one request: each for itself, or all or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from litestar import Response, Router, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from commands.base import Command
from commands.handler import Handler, Outcome
from commands.routes.tagging import handle_tagging
from commands.routes.task_bodies import TaskBody, TaskPatch, changes, creation
from commands.routes.tasks import task_resource, workspace_of
from commands.tagging import Tagging
from events.append import CommandRequest
from events.ids import personal_workspace_of
from events.refusals import Invalid, Refusal
from gateway.http import Body, answer
from gateway.resources.problems import problem_of
from gateway.resources.tasks import TaskResource

MAX_BULK = 100
Atomic = Annotated[bool, Meta(description="All or nothing; else each item is its own command.")]


class TaskPatchItem(TaskPatch, frozen=True, kw_only=True):
    """One task's merge patch; `version`, if given, must be its current one."""

    id: UUID
    version: int | None = None


class CreateTasksBody(Body, frozen=True):
    tasks: Annotated[list[TaskBody], Meta(min_length=1, max_length=MAX_BULK)]
    atomic: Atomic = False


class EditTasksBody(Body, frozen=True):
    tasks: Annotated[list[TaskPatchItem], Meta(min_length=1, max_length=MAX_BULK)]
    atomic: Atomic = False


class BulkItem(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the item at `index`: a task, or the problem that kept it from happening."""

    index: int
    status: int
    task: TaskResource | None = None
    problem: dict[str, Any] | None = None


class BulkAnswer(msgspec.Struct, frozen=True):
    items: list[BulkItem]


Item = Callable[[Tagging], Awaitable[list[Command]]]


class Plan(msgspec.Struct, frozen=True):
    """Commands, and the index of the item that each belongs to (None: to several)."""

    commands: list[Command]
    items: list[int | None]


@post("/tasks/bulk", operation_id="createTasks", status_code=200)
async def create_tasks(
    data: JSONBody[CreateTasksBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[BulkAnswer]:
    """Create up to 100 tasks. Without `atomic`, every item has an outcome of its own."""
    check(command_request)
    personal = personal_workspace_of(command_request.account)

    async def commands(body: TaskBody, tagging: Tagging) -> list[Command]:
        workspace = body.workspace or personal
        return [creation(body, workspace, await tagging.ids(workspace, body.tags))]

    items = [partial(commands, body) for body in data.tasks]
    if data.atomic:
        return await all_of(handler, items, command_request, status=201)
    return await each_of(handler, items, command_request, status=201)


@patch("/tasks/bulk", operation_id="editTasks")
async def edit_tasks(
    data: JSONBody[EditTasksBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[BulkAnswer]:
    """Change up to 100 tasks by merge patches."""
    check(command_request, [item.id for item in data.tasks])

    async def commands(item: TaskPatchItem, tagging: Tagging) -> list[Command]:
        names = item.tags or ()
        tags = await tagging.ids(await workspace_of(handler, item.id), names) if names else ()
        return changes(item.id, item, tags)

    items = [partial(commands, item) for item in data.tasks]
    versions = {item.id: item.version for item in data.tasks if item.version is not None}
    request = msgspec.structs.replace(command_request, versions=versions)
    if data.atomic:
        return await all_of(handler, items, request, status=200)
    return await each_of(handler, items, request, status=200)


def check(request: CommandRequest, tasks: Sequence[UUID] = ()) -> None:
    """One precondition cannot fit many tasks, and of two changes to one task none is the first."""
    if request.if_match is not None:
        raise Invalid("name the version of each task in its item", field="If-Match")
    first = {task: index for index, task in reversed(list(enumerate(tasks)))}
    for index, task in enumerate(tasks):
        if first[task] != index:
            raise Invalid(
                f"item {first[task]} is of the same task: send one patch for both",
                field=f"tasks/{index}/id",
                index=index,
            )


async def all_of(
    handler: Handler, items: Sequence[Item], request: CommandRequest, *, status: int
) -> Response[BulkAnswer]:
    """One append for all; a refusal names the item at fault and nothing has happened."""
    plan = Plan([], [])

    async def commands() -> list[Command]:
        nonlocal plan
        plan = await planned(handler, items)
        return plan.commands

    try:
        outcome = await handle_tagging(handler, commands, request)
    except Refusal as refusal:
        if refusal.index is not None and refusal.index < len(plan.items):
            refusal.extra["index"] = plan.items[refusal.index]
        raise
    last = dict(zip(plan.items, outcome.streams, strict=True))
    answers = [
        BulkItem(index=index, status=status, task=await task_resource(handler, last[index]))
        for index in range(len(items))
    ]
    return answer(BulkAnswer(answers), position=outcome.position, replayed=outcome.replayed)


async def planned(handler: Handler, items: Sequence[Item]) -> Plan:
    tagging = Tagging(handler)
    commands: list[Command] = []
    owners: list[int | None] = []
    for index, item in enumerate(items):
        try:
            own = await item(tagging)
        except Refusal as refusal:
            refusal.extra["index"] = index
            raise
        commands += own
        owners += [index] * len(own)
    return Plan([*tagging.commands, *commands], [*[None] * len(tagging.commands), *owners])


async def each_of(
    handler: Handler, items: Sequence[Item], request: CommandRequest, *, status: int
) -> Response[BulkAnswer]:
    """A command for each item, appended together if they happen to be."""
    done = await asyncio.gather(
        *(one_of(handler, index, item, request, status) for index, item in enumerate(items))
    )
    answers = [item for item, _ in done]
    outcomes = [outcome for _, outcome in done if outcome is not None]
    return answer(
        BulkAnswer(answers),
        position=max((outcome.position for outcome in outcomes), default=0),
        replayed=len(outcomes) == len(answers) and all(outcome.replayed for outcome in outcomes),
    )


async def one_of(
    handler: Handler, index: int, item: Item, request: CommandRequest, status: int
) -> tuple[BulkItem, Outcome | None]:
    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        own = await item(tagging)
        return [*tagging.commands, *own]

    own = msgspec.structs.replace(request, command_id=uuid5(request.command_id, str(index)))
    try:
        outcome = await handle_tagging(handler, commands, own)
    except Refusal as refusal:
        problem = problem_of(refusal)
        return BulkItem(index=index, status=problem["status"], problem=problem), None
    task = await task_resource(handler, outcome.stream)
    return BulkItem(index=index, status=status, task=task), outcome


BULK_TASK_COMMANDS = Router(path="/", route_handlers=[create_tasks, edit_tasks], tags=["tasks"])
