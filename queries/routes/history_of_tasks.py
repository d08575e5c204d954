"""A task's past over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from gateway.resources.history import HistoryItem
from gateway.resources.tasks import TaskResource
from projections.tasks import evolve_task
from queries.history import task_row, view_at
from queries.paging import Page
from queries.routes.history import AsOf, Version, asked_moment, history_answer
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, task_resource
from queries.services import Queries


@get("/tasks/{task:uuid}/history", operation_id="getTaskHistory")
async def task_history(
    request: HttpRequest,
    task: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[HistoryItem]]:
    """Everything that happened to a task, oldest first, also to a deleted one."""
    return await history_answer(
        request, queries, account_of(caller), "task", task, limit, cursor, min_position
    )


@get("/tasks/{task:uuid}/as-of", operation_id="getTaskAsOf")
async def task_as_of(
    task: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    version: Version = None,
    moment: AsOf = None,
) -> Response[TaskResource]:
    """The task as it was at a version or at an instant: exactly one of the two."""
    account = account_of(caller)
    at = asked_moment(version, moment)
    await queries.freshness.demand(account, None, "workspaces", "tasks")
    view = await view_at(
        queries.reader,
        queries.database,
        account=account,
        noun="task",
        id=task,
        evolve=evolve_task,
        version=version,
        moment=at,
    )
    seen = min(at, queries.now()) if at else view.updated_at  # nobody knows what is overdue later
    row = await task_row(queries.database, view, seen)
    return Response(task_resource(row), headers={"ETag": etag(view.version)})


HISTORY_QUERIES = Router(path="/", route_handlers=[task_history, task_as_of], tags=["history"])
