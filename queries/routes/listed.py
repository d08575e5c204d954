"""What the queries for all listed nouns have in common over HTTP."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from projections.table import Evolve
from queries.database import Database
from queries.history import around, row_of, view_at
from queries.listed import Listed, list_of, one_of
from queries.lists import Asked, Order
from queries.paging import Page
from queries.routes.history import AsOf, Version, asked_moment
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries

T = TypeVar("T")
Beside = Callable[[Database, UUID], Awaitable[Mapping[str, object]]]


class Slice(msgspec.Struct, frozen=True):
    """How much of a list is asked for, from where on, and how new it must be."""

    order: Order
    limit: int
    cursor: str | None
    min_position: str | None


async def provide_slice(
    order: FromQuery[Order] = "desc",
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Slice:
    return Slice(order, limit, cursor, min_position)


class Past(msgspec.Struct, frozen=True):
    """When: at a version or at an instant."""

    version: int | None
    moment: str | None


async def provide_past(version: Version = None, moment: AsOf = None) -> Past:
    return Past(version, moment)


async def nothing(database: Database, id: UUID) -> Mapping[str, object]:
    return {}


async def list_answer(
    request: HttpRequest,
    queries: Queries,
    caller: Caller,
    listed: Listed[Any, Any],
    wanted: Any,
    sort: str,
    part: Slice,
    *,
    show: Callable[[Any], T],
    reads: Sequence[str],
) -> Response[Page[T]]:
    account = account_of(caller)
    position = await queries.freshness.demand(account, part.min_position, *reads)
    asked = Asked(
        log=queries.log_id,
        account=account,
        wanted=wanted,
        sort=sort,
        order=part.order,
        limit=part.limit,
        cursor=part.cursor,
    )
    page = await list_of(queries.database, listed, asked)
    items = [show(row) for row in page.items]
    headers = page_headers(request, position, page.next_cursor)
    return Response(Page(items, page.next_cursor), headers=headers)


async def one_answer(
    queries: Queries,
    caller: Caller,
    listed: Listed[Any, Any],
    id: UUID,
    min_position: str | None,
    *,
    show: Callable[[Any], T],
    reads: Sequence[str],
) -> Response[T]:
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *reads)
    row = await one_of(queries.database, listed, account=account, id=id)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(show(row), headers=headers)


async def past_answer(
    queries: Queries,
    caller: Caller,
    listed: Listed[Any, Any],
    id: UUID,
    past: Past,
    evolve: Evolve[Any],
    *,
    show: Callable[[Any], T],
    reads: Sequence[str],
    beside: Beside = nothing,
) -> Response[T]:
    """`beside` finds what its own events do not tell."""
    account, at = account_of(caller), asked_moment(past.version, past.moment)
    await queries.freshness.demand(account, None, *reads)
    view = await view_at(
        queries.reader,
        queries.database,
        account=account,
        noun=listed.noun,
        id=id,
        evolve=evolve,
        version=past.version,
        moment=at,
    )
    _, tags = await around(queries.database, view.workspace, view.tags)
    more = await beside(queries.database, id)
    shown = show(row_of(listed.row, view, tags, **more))
    return Response(shown, headers={"ETag": etag(view.version)})
