"""The task commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from commands.base import Command, Stream
from commands.handler import Handler, Outcome
from commands.routes.answers import answer_with, empty_answer, origin_of
from commands.routes.tagging import TaggingBody, handle_tagging, owner_of, tags_shown
from commands.routes.task_bodies import TaskBody, TaskPatch, changes, creation
from commands.state_of_tasks import Task
from commands.tagging import Tagging
from commands.tasks import (
    TASKS,
    AssignTask,
    CompleteTask,
    DeleteTask,
    ReopenTask,
    RestoreTask,
    StartTask,
    TagTask,
    ToggleTask,
    UntagTask,
)
from commands.workspaces import WORKSPACES
from events.append import CommandRequest
from events.ids import personal_workspace_of
from events.moments import is_overdue
from gateway.http import Body
from gateway.resources.tasks import TaskResource, moment_out

TaskAnswer = Response[TaskResource]


class AssigneeBody(Body, frozen=True):
    account: UUID


@post("/tasks", operation_id="createTask", status_code=201)
async def create_task(
    data: JSONBody[TaskBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Create a task, in your personal workspace unless you name another."""

    async def commands() -> list[Command]:
        workspace = data.workspace or personal_workspace_of(command_request.account)
        tagging = Tagging(handler)
        created = creation(data, workspace, await tagging.ids(workspace, data.tags))
        return [*tagging.commands, created]

    outcome = await handle_tagging(handler, commands, command_request)
    return await task_answer(handler, outcome, status=201)


@patch("/tasks/{task:uuid}", operation_id="editTask")
async def edit_task(
    task: FromPath[UUID],
    data: JSONBody[TaskPatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Change a task by a merge patch. What changes nothing appends nothing."""
    outcome = await handle_tagging(handler, lambda: patching(handler, task, data), command_request)
    return await task_answer(handler, outcome)


@post("/tasks/{task:uuid}/start", operation_id="startTask", status_code=200)
async def start_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Work on it has begun; a completed task is reopened first."""
    return await one(handler, StartTask(stream=task), command_request)


@post("/tasks/{task:uuid}/complete", operation_id="completeTask", status_code=200)
async def complete_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """It is done."""
    return await one(handler, CompleteTask(stream=task), command_request)


@post("/tasks/{task:uuid}/reopen", operation_id="reopenTask", status_code=200)
async def reopen_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Back to the state in which nothing has been done yet."""
    return await one(handler, ReopenTask(stream=task), command_request)


@post("/tasks/{task:uuid}/toggle", operation_id="toggleTask", status_code=200)
async def toggle_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Complete it, or reopen it if it is completed. Send an Idempotency-Key, or a repeated
    request toggles it back."""
    return await one(handler, ToggleTask(stream=task), command_request)


@put("/tasks/{task:uuid}/assignee", operation_id="assignTask")
async def assign_task(
    task: FromPath[UUID],
    data: JSONBody[AssigneeBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Assign it to a member of its workspace."""
    return await one(handler, AssignTask(stream=task, assignee=data.account), command_request)


@delete("/tasks/{task:uuid}/assignee", operation_id="unassignTask", status_code=200)
async def unassign_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Assign it to nobody."""
    return await one(handler, AssignTask(stream=task, assignee=None), command_request)


@post("/tasks/{task:uuid}/tags", operation_id="tagTask", status_code=200)
async def tag_task(
    task: FromPath[UUID],
    data: JSONBody[TaggingBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Put a tag on it; a name that the workspace does not have yet is made."""

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        [tag] = await tagging.ids(await workspace_of(handler, task), [data.name])
        return [*tagging.commands, TagTask(stream=task, tag=tag)]

    return await task_answer(handler, await handle_tagging(handler, commands, command_request))


@delete("/tasks/{task:uuid}/tags/{tag:uuid}", operation_id="untagTask", status_code=200)
async def untag_task(
    task: FromPath[UUID],
    tag: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Take a tag off it; one that is not on it changes nothing."""
    return await one(handler, UntagTask(stream=task, tag=tag), command_request)


@delete("/tasks/{task:uuid}", operation_id="deleteTask", status_code=204)
async def delete_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Delete it. Its history stays, and it can be restored."""
    return empty_answer(await handler.handle([DeleteTask(stream=task)], command_request))


@post("/tasks/{task:uuid}/restore", operation_id="restoreTask", status_code=200)
async def restore_task(
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """Undo a deletion."""
    return await one(handler, RestoreTask(stream=task), command_request)


async def one(handler: Handler, command: Command, request: CommandRequest) -> TaskAnswer:
    return await task_answer(handler, await handler.handle([command], request))


async def patching(handler: Handler, task: UUID, data: TaskPatch) -> list[Command]:
    tagging = Tagging(handler)
    tags = await tagging.ids(await workspace_of(handler, task), data.tags) if data.tags else ()
    return [*tagging.commands, *changes(task, data, tags)]


async def workspace_of(handler: Handler, task: UUID) -> UUID:
    return await owner_of(handler, task, TASKS)


async def task_answer(handler: Handler, outcome: Outcome, *, status: int = 200) -> TaskAnswer:
    resource = await task_resource(handler, outcome.stream)
    return answer_with(resource, outcome, place="/v1/tasks", status=status)


async def task_resource(handler: Handler, stream: Stream[Task]) -> TaskResource:
    task = stream.state
    assert stream.owner is not None
    workspace = await handler.load(stream.owner, WORKSPACES, fresh=False)
    zone = workspace.state.time_zone
    return TaskResource(
        **origin_of(stream),
        title=task.title,
        description=task.description,
        status=task.status,
        priority=task.priority,
        start=moment_out(task.start_on, task.start_at),
        due=moment_out(task.due_on, task.due_at),
        overdue=is_overdue(task.status, task.due_on, task.due_at, zone, handler.now()),
        assignee=task.assignee,
        notify_overdue=task.notify_overdue,
        tags=await tags_shown(handler, task.tags),
        started_at=task.started_at,
        completed_at=task.completed_at,
        deleted_at=task.deleted_at,
    )


TASK_ROUTES: list[Any] = [
    create_task,
    edit_task,
    start_task,
    complete_task,
    reopen_task,
    toggle_task,
    assign_task,
    unassign_task,
    tag_task,
    untag_task,
    delete_task,
    restore_task,
]
TASK_COMMANDS = Router(path="/", route_handlers=TASK_ROUTES, tags=["tasks"])
