"""TaskFlow's `/tasks`: each user's own."""

from collections.abc import Sequence

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Raw

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
    StartTask,
)
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import NotFound
from gateway.dialects.fastapi import WireRequest, body_of, kept, query_of
from gateway.dialects.private import at_head, row_of, space_of
from gateway.dialects.taskflow.asking import found, not_found
from gateway.dialects.taskflow.shown import (
    OURS,
    PRIORITY,
    Json,
    priorities_shown_as,
    shown_task,
    statuses_shown_as,
)
from gateway.dialects.taskflow.wire import NewTask, TaskChanges, TaskQuery
from queries.numbered_tasks import Numbered
from queries.rendered_tasks import Form, RenderedTasks
from queries.services import Queries
from queries.tasks import TaskFilter

_STATUS: dict[str, type[ReopenTask | StartTask | CompleteTask]] = {
    "pending": ReopenTask,
    "in_progress": StartTask,
    "completed": CompleteTask,
}


@post("/", status_code=201)
async def create_task(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NewTask)
    create = CreateTask(
        stream=new_id(),
        workspace=space_of(command.caller),
        title=wanted.title,
        description=wanted.description,
        priority=OURS[wanted.priority or "medium"],
    )
    outcome = await handler.handle([create], command)
    return shown_task(await row_of(handler, outcome.stream))


@get("/")
async def list_tasks(
    request: WireRequest,
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    rendered_tasks: NamedDependency[RenderedTasks],
) -> Sequence[Raw]:
    """All of them, the newest first."""
    asked = query_of(request, TaskQuery)
    await at_head(queries, member)
    wanted = Numbered(workspace=space_of(member), wanted=wanted_of(asked), now=queries.now())
    page = await rendered_tasks.numbered(queries.database, wanted, Form("taskflow", shown_task))
    return page.rows


@get("/{task:str}")
async def one_task(
    task: FromPath[str], member: NamedDependency[Caller], handler: NamedDependency[Handler]
) -> Json:
    return shown_task(await row_of(handler, await found(handler, TASKS, member, task)))


@put("/{task:str}")
async def change_task(
    request: WireRequest,
    task: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, TaskChanges)
    before = await found(handler, TASKS, command.caller, task)
    after = await handled(handler, changes(before, wanted), command)
    return shown_task(await row_of(handler, after))


@delete("/{task:str}", status_code=204)
async def delete_task(
    task: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    own = await found(handler, TASKS, command.caller, task)
    await handled(handler, [DeleteTask(stream=own.id)], command)


async def handled(
    handler: Handler, commands: list[Command], command: CommandRequest
) -> Stream[Task]:
    try:
        return (await handler.handle(commands, command)).stream
    except NotFound:  # deleted by another request meanwhile
        raise not_found("task") from None


def changes(task: Stream[Task], wanted: TaskChanges) -> list[Command]:
    """A page sends a task whole: a priority as it was shown is not meant as a change."""
    priority = wanted.priority or PRIORITY[task.state.priority]
    same = priority == PRIORITY[task.state.priority]
    edit = EditTask(
        stream=task.id,
        title=kept(wanted.title),
        description=kept(wanted.description),
        priority=UNSET if same else OURS[priority],
    )
    moved = [_STATUS[wanted.status](stream=task.id)] if wanted.status else []
    return [edit, *moved]


def wanted_of(asked: TaskQuery) -> TaskFilter:
    return TaskFilter(
        statuses=statuses_shown_as(asked.status or asked.status_filter),
        priorities=priorities_shown_as(asked.priority or asked.priority_filter),
        text=asked.search,
    )


TASK_ROUTES = Router(
    path="/tasks", route_handlers=[create_task, list_tasks, one_task, change_task, delete_task]
)
