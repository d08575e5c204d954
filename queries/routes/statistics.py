"""The statistics of a workspace over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from events.envelope import Caller
from events.ids import personal_workspace_of
from queries.routes.tasks import MinPosition, account_of
from queries.services import Queries
from queries.statistics import Statistics, statistics_of


@get("/statistics", operation_id="getStatistics")
async def statistics(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    workspace: FromQuery[UUID | None] = None,
    min_position: MinPosition = None,
) -> Response[Statistics]:
    """How many tasks a workspace has: done and not, late, by priority and by tag. Of your
    personal one, unless you name another."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "tasks", "workspaces")
    found = await statistics_of(
        queries.database,
        account=account,
        workspace=workspace or personal_workspace_of(account),
        now=queries.now(),
    )
    return Response(found, headers={"Tasktrail-Position": str(position)})


STATISTICS_QUERIES = Router(path="/", route_handlers=[statistics], tags=["analytics"])
