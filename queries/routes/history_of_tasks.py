"""A task's past over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from events.envelope import Caller
from events.refusals import Invalid
from gateway.http import HttpRequest, etag
from gateway.resources.history import Actor, HistoryItem
from gateway.resources.tasks import Moment, TaskResource, moment_in
from queries.history import data_of, history_page, names_of, row_of, summary_of, task_at
from queries.paging import Page
from queries.routes.tasks import (
    CursorText,
    Limit,
    MinPosition,
    account_of,
    page_headers,
    task_resource,
)
from queries.services import Queries

Version = Annotated[int | None, QueryParameter(description="A version it had.", ge=1, le=10**15)]
AsOf = Annotated[Moment | None, QueryParameter(description="An instant.")]


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
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "workspaces", "accounts")
    events, following = await history_page(
        queries.reader,
        queries.database,
        log=queries.log_id,
        account=account,
        task=task,
        limit=limit,
        cursor=cursor,
    )
    names = await names_of(queries.database, [event.actor for event in events if event.actor])
    items = [
        HistoryItem(
            version=event.version,
            position=event.position,
            type=event.topic,
            time=event.occurred_at,
            recorded_at=event.recorded_at or event.occurred_at,
            actor=Actor(event.actor, names.get(event.actor)) if event.actor else None,
            summary=summary_of(event),
            data=data_of(event),
        )
        for event in events
    ]
    headers = page_headers(request, position, following)
    return Response(Page(items, following), headers=headers)


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
    if (version is None) == (moment is None):
        raise Invalid("give either a version or a moment", field="version")
    at = moment_in(moment, "moment") if moment is not None else None
    if at is not None and not isinstance(at, datetime):
        raise Invalid("must be an instant with an offset", field="moment")
    await queries.freshness.demand(account, None, "workspaces", "tasks")
    view = await task_at(
        queries.reader, queries.database, account=account, task=task, version=version, moment=at
    )
    row = await row_of(queries.database, view, at or view.updated_at)
    return Response(task_resource(row), headers={"ETag": etag(view.version)})


HISTORY_QUERIES = Router(path="/", route_handlers=[task_history, task_as_of], tags=["history"])
