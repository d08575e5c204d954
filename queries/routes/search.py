"""Full-text search over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from events.envelope import Caller
from gateway.http import HttpRequest
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.search import Hit, search
from queries.services import Queries

Words = Annotated[
    str,
    QueryParameter(
        description="Words that must all occur; beginnings are enough.",
        min_length=1,
        max_length=200,
    ),
]


@get("/search", operation_id="search")
async def search_everything(
    request: HttpRequest,
    q: Words,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    workspace: FromQuery[list[UUID] | None] = None,
    noun: FromQuery[list[Literal["task", "comment", "note", "post"]] | None] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[Hit]]:
    """What you may see and that holds these words, best first, with the hits marked."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "search", "workspaces")
    page = await search(
        queries.database,
        log=queries.log_id,
        account=account,
        text=q,
        workspaces=workspace or (),
        nouns=noun or (),
        limit=limit,
        cursor=cursor,
    )
    return Response(page, headers=page_headers(request, position, page.next_cursor))


SEARCH_QUERIES = Router(path="/", route_handlers=[search_everything], tags=["search"])
