"""The questions about one's account and sessions over HTTP."""

from datetime import timedelta

from litestar import Response, Router, get
from litestar.di import NamedDependency
from msgspec.structs import asdict

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from gateway.resources.accounts import AccountResource, SessionResource
from queries.accounts import get_account, list_sessions
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries


@get("/me", operation_id="getMe")
async def me(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[AccountResource]:
    """Your account, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "accounts")
    row = await get_account(queries.database, account)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(AccountResource(**asdict(row)), headers=headers)


@get("/sessions", operation_id="listSessions")
async def my_sessions(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    session_life: NamedDependency[timedelta],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[SessionResource]]:
    """Where you are signed in, the latest sign-in first."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "accounts")
    page = await list_sessions(
        queries.database,
        log=queries.log_id,
        account=account,
        now=queries.now(),
        life=session_life,
        limit=limit,
        cursor=cursor,
    )
    items = [
        SessionResource(
            id=row.id,
            current=row.id == caller.session,
            address=row.address,
            user_agent=row.user_agent,
            opened_at=row.opened_at,
            used_at=row.used_at,
        )
        for row in page.items
    ]
    shown = Page(items, page.next_cursor)
    return Response(shown, headers=page_headers(request, position, page.next_cursor))


ACCOUNT_QUERIES = Router(path="/", route_handlers=[me, my_sessions], tags=["accounts"])
