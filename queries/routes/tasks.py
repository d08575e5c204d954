"""The task queries over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec.structs import asdict

from events.base import Priority
from events.envelope import Caller
from events.refusals import Invalid, Unauthenticated
from gateway.http import HttpRequest, etag
from gateway.resources.tags import TaskTag
from gateway.resources.tasks import (
    Moment,
    Status,
    TaskResource,
    moment_in,
    moment_out,
)
from gateway.resources.text import TagText
from queries.lists import Order
from queries.paging import Page
from queries.rendered_tasks import RenderedTasks
from queries.services import Queries
from queries.tasks import Asked, Sort, TaskFilter, TaskRow, get_task

MinPosition = Annotated[
    str | None,
    QueryParameter(
        description="Wait until this position of the log shows: a number, or `head`. Without it "
        "your own last command shows.",
        max_length=20,
    ),
]
Limit = Annotated[int, QueryParameter(description="How many at most.", ge=1, le=200)]
CursorText = Annotated[
    str | None,
    QueryParameter(description="`next_cursor` of the page before.", max_length=4000),
]
Bound = Annotated[
    Moment | None,
    QueryParameter(
        description="A date, which counts whole and in UTC, or an instant with an offset."
    ),
]
Search = Annotated[str | None, QueryParameter(min_length=1, max_length=200)]


async def provide_task_filter(
    caller: NamedDependency[Caller],
    workspace: FromQuery[list[UUID] | None] = None,
    status: FromQuery[list[Status] | None] = None,
    priority: FromQuery[list[Priority] | None] = None,
    assignee: Annotated[
        str | None, QueryParameter(description="An account's id, `me` or `none`.")
    ] = None,
    tag: FromQuery[list[TagText] | None] = None,
    overdue: FromQuery[bool | None] = None,
    due_from: Bound = None,
    due_to: Bound = None,
    created_from: Bound = None,
    created_to: Bound = None,
    q: Search = None,
    deleted: FromQuery[bool] = False,
) -> TaskFilter:
    return TaskFilter(
        workspaces=tuple(workspace or ()),
        statuses=tuple(status or ()),
        priorities=tuple(priority or ()),
        assignee=None if assignee == "none" else _assignee(assignee, caller),
        unassigned=assignee == "none",
        tags=tuple(tag or ()),
        overdue=overdue,
        due_from=range_begin(due_from, "due_from"),
        due_to=range_end(due_to, "due_to"),
        created_from=range_begin(created_from, "created_from"),
        created_to=range_end(created_to, "created_to"),
        text=q,
        deleted=deleted,
    )


@get("/tasks", operation_id="listTasks", dependencies={"wanted": Provide(provide_task_filter)})
async def list_of_tasks(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    rendered_tasks: NamedDependency[RenderedTasks],
    wanted: NamedDependency[TaskFilter],
    sort: FromQuery[Sort] = "created_at",
    order: FromQuery[Order] = "desc",
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[TaskResource]]:
    """The tasks of your workspaces, narrowed and sorted. Ranges by date take in both days."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "tasks", "workspaces")
    asked = Asked(
        log=queries.log_id,
        account=account,
        wanted=wanted,
        now=queries.now(),
        sort=sort,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    page = await rendered_tasks.page(queries.database, asked)
    headers = page_headers(request, position, page.next_cursor)
    return Response(cast(Page[TaskResource], page), headers=headers)


@get("/tasks/{task:uuid}", operation_id="getTask")
async def one_task(
    task: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[TaskResource]:
    """One task, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "tasks", "workspaces")
    row = await get_task(queries.database, account=account, task=task, now=queries.now())
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(task_resource(row), headers=headers)


def account_of(caller: Caller) -> UUID:
    if caller.account is None:
        raise Unauthenticated("sign in first")
    return caller.account


def page_headers(request: HttpRequest, position: int, cursor: str | None) -> dict[str, str]:
    """`Link` (RFC 8288) to the next page, with everything else that was asked."""
    headers = {"Tasktrail-Position": str(position)}
    if cursor is not None:
        asked = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        query = urlencode([*asked, ("cursor", cursor)])
        headers["Link"] = f'<{request.scope["path"]}?{query}>; rel="next"'
    return headers


def task_resource(row: TaskRow) -> TaskResource:
    return TaskResource(
        id=row.id,
        number=row.number,
        workspace=row.workspace,
        title=row.title,
        description=row.description,
        status=row.status,
        priority=row.priority,
        start=moment_out(row.start_on, row.start_at),
        due=moment_out(row.due_on, row.due_at),
        overdue=row.overdue,
        assignee=row.assignee,
        notify_overdue=row.notify_overdue,
        tags=[_tag(text) for text in row.tags or ()],
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        deleted_at=row.deleted_at,
        version=row.version,
    )


def shown_fields(row: Any) -> dict[str, Any]:
    """What a row of a list has in common with the resource that it is shown as."""
    fields = asdict(row)
    del fields["sort_key"]
    return {**fields, "tags": [_tag(text) for text in row.tags or ()]}


@lru_cache(maxsize=10_000)
def _tag(text: str) -> TaskTag:
    return TaskTag(UUID(text[:36]), text[43:], text[36:43])


def _assignee(text: str | None, caller: Caller) -> UUID | None:
    if text is None:
        return None
    if text == "me":
        return account_of(caller)
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("must be an account's id, `me` or `none`", field="assignee") from None


def range_begin(text: str | None, field: str) -> datetime | None:
    return None if text is None else _instant(moment_in(text, field))


def range_end(text: str | None, field: str) -> datetime | None:
    """A date takes in its whole day."""
    if text is None:
        return None
    moment = moment_in(text, field)
    if isinstance(moment, datetime):
        return moment
    if moment == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return _instant(moment) + timedelta(days=1)


def _instant(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), UTC)


TASK_QUERIES = Router(path="/", route_handlers=[list_of_tasks, one_task], tags=["tasks"])
