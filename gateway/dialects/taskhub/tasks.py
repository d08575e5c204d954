"""TaskHub's `/api/tasks`: every member reads and writes every task of the shared workspace."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Command
from commands.handler import Handler, Outcome
from commands.routes.tagging import handle_tagging
from commands.tagging import Tagging
from commands.tasks import (
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    EditTask,
    ReopenTask,
    RetagTask,
    StartTask,
)
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import Invalid, NotFound
from gateway.dialects.cached import Cache, cached
from gateway.dialects.fastapi import (
    WireRequest,
    body_of,
    kept,
    query_of,
    unprocessable,
    uuid_in_path,
)
from gateway.dialects.taskhub.cached import TASKS as LIFE_OF_TASKS
from gateway.dialects.taskhub.known import KnownTasks
from gateway.dialects.taskhub.made import made_tasks
from gateway.dialects.taskhub.reading import (
    at_head,
    demand_here,
    read_tasks,
    task_not_found,
)
from gateway.dialects.taskhub.space import SPACE
from gateway.dialects.taskhub.wire import NewTask, NewTasks, Status, TaskChanges, TaskQuery
from queries.numbered_tasks import Numbered, numbered_marks, tasks_in
from queries.services import Queries
from queries.tasks import TaskFilter

Json = dict[str, Any]

_STATUS: dict[Status, type[ReopenTask | StartTask | CompleteTask]] = {
    "todo": ReopenTask,
    "in_progress": StartTask,
    "completed": CompleteTask,
}


@post("/", status_code=201)
async def create_task(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    [shown] = await created(handler, command, [await body_of(request, NewTask)])
    return shown


@post("/bulk", status_code=201)
async def create_tasks(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> list[Json]:
    wanted = await body_of(request, NewTasks)
    return await created(handler, command, wanted.tasks) if wanted.tasks else []


@get("/")
async def list_tasks(
    request: WireRequest,
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    cache: NamedDependency[Cache],
    taskhub_tasks: NamedDependency[KnownTasks],
) -> Response[bytes]:
    asked = query_of(request, TaskQuery)
    head = await at_head(queries, member)
    question = f"taskhub tasks {asked.model_dump_json()}"
    return await cached(
        cache,
        queries,
        head,
        question,
        LIFE_OF_TASKS,
        lambda: task_page(queries, taskhub_tasks, asked, head),
    )


async def task_page(
    queries: Queries, known: KnownTasks, asked: TaskQuery, head: int | None
) -> Json:
    now = queries.now()
    page = await numbered_marks(queries.database, numbered(asked, now))

    async def read(tasks: Sequence[UUID]) -> dict[tuple[UUID, bool], Json]:
        rows = await tasks_in(queries.database, workspace=SPACE, tasks=tasks, now=now)
        full = await read_tasks(queries, rows)
        return {(row.id, row.overdue): task for row, task in zip(rows, full, strict=True)}

    return {
        "tasks": await known.of(page.rows, head, read),
        "total": page.total,
        "page": asked.page,
        "page_size": asked.page_size,
        "total_pages": -(-page.total // asked.page_size),
    }


def numbered(asked: TaskQuery, now: datetime) -> Numbered:
    return Numbered(
        workspace=SPACE,
        wanted=TaskFilter(
            statuses=(asked.status,) if asked.status and asked.status != "overdue" else (),
            overdue=None if asked.status in (None, "completed") else asked.status == "overdue",
            priorities=(asked.priority,) if asked.priority else (),
            assignee=asked.assigned_to,
            tags=(asked.tag.lower(),) if asked.tag else (),
            text=asked.search or None,
        ),
        now=now,
        sort="due" if asked.sort_by == "due_date" else asked.sort_by,
        order=asked.sort_order,
        offset=(asked.page - 1) * asked.page_size,
        limit=asked.page_size,
    )


@get("/{task:str}")
async def one_task(
    task: FromPath[str], member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> Json:
    return await shown(queries, member, uuid_in_path(task, "task_id"))


@put("/{task:str}")
async def change_task(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted, id = await body_of(request, TaskChanges), uuid_in_path(task, "task_id")
    await demand_here(queries, member, id)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.ids(SPACE, names_of(wanted.tags))
        return [*tagging.commands, *changes(id, wanted, tags)]

    await appended(handler, commands, command)
    return await shown(queries, member, id)


@delete("/{task:str}", status_code=204)
async def delete_task(
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> None:
    id = uuid_in_path(task, "task_id")
    await demand_here(queries, member, id)
    try:
        await handler.handle([DeleteTask(stream=id)], command)
    except NotFound:
        raise task_not_found() from None


async def created(
    handler: Handler, command: CommandRequest, wanted: Sequence[NewTask]
) -> list[Json]:
    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        made = [creation(each, await tagging.ids(SPACE, names_of(each.tags))) for each in wanted]
        return [*tagging.commands, *made]

    outcome = await appended(handler, commands, command)
    return await made_tasks(handler, outcome.streams[-len(wanted) :])


async def appended(
    handler: Handler,
    commands: Callable[[], Awaitable[list[Command]]],
    command: CommandRequest,
) -> Outcome:
    try:
        return await handle_tagging(handler, commands, command)
    except NotFound:
        raise task_not_found() from None
    except Invalid as refusal:
        theirs = {"assignee": "assigned_to", "name": "tags", None: "body"}
        field = theirs.get(refusal.field, refusal.field)
        raise unprocessable(
            [{"type": "value_error", "loc": ["body", field], "msg": refusal.detail, "input": None}]
        ) from None


def creation(wanted: NewTask, tags: Sequence[UUID]) -> CreateTask:
    """An explicit status is kept; overdue is what a passed due date shows, never a state."""
    status = wanted.status
    return CreateTask(
        stream=new_id(),
        workspace=SPACE,
        title=wanted.title,
        description=wanted.description,
        priority=wanted.priority or "medium",
        start=wanted.start_date,
        due=wanted.due_date,
        notify_overdue=bool(wanted.notify_overdue),
        status="todo" if status is None or status == "overdue" else status,
        assignee=wanted.assigned_to,
        tags=tuple(tags),
    )


def changes(task: UUID, wanted: TaskChanges, tags: Sequence[UUID]) -> list[Command]:
    edit = EditTask(
        stream=task,
        title=kept(wanted.title),
        description=kept(wanted.description),
        priority=kept(wanted.priority),
        start=kept(wanted.start_date),
        due=kept(wanted.due_date),
        notify_overdue=kept(wanted.notify_overdue),
    )
    commands: list[Command] = [edit]
    if wanted.status is not None and wanted.status in _STATUS:
        commands.append(_STATUS[wanted.status](stream=task))
    if wanted.assigned_to is not None:
        commands.append(AssignTask(stream=task, assignee=wanted.assigned_to))
    if wanted.tags is not None:
        commands.append(RetagTask(stream=task, tags=tuple(tags)))
    return commands


def names_of(tags: Sequence[str] | None) -> list[str]:
    """Lower case, each once; an empty one is none."""
    return [name for name in dict.fromkeys(tag.strip().lower() for tag in tags or ()) if name]


async def shown(queries: Queries, member: Caller, task: UUID) -> Json:
    await at_head(queries, member)
    rows = await tasks_in(queries.database, workspace=SPACE, tasks=[task], now=queries.now())
    if not rows:
        raise task_not_found()
    [found] = await read_tasks(queries, rows)
    return found


TASKS = Router(
    path="/api/tasks",
    route_handlers=[create_task, create_tasks, list_tasks, one_task, change_task, delete_task],
)
