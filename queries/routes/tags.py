"""The tag queries over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import asdict

from events.envelope import Caller
from gateway.http import etag
from gateway.resources.tags import CountedTag
from queries.lists import demand_membership
from queries.paging import Page
from queries.routes.tasks import MinPosition, account_of
from queries.services import Queries
from queries.tags import TagRow, get_tag, list_tags

_SHOWN = ("tasks", "notes", "posts", "workspaces")


@get("/tags", operation_id="listTags")
async def list_of_tags(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    workspace: FromQuery[list[UUID] | None] = None,
    min_position: MinPosition = None,
) -> Response[Page[CountedTag]]:
    """Every tag of your workspaces by name, with how many tasks, notes and posts carry it."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *_SHOWN)
    wanted = workspace or ()
    rows = await list_tags(queries.database, account=account, workspaces=wanted)
    await demand_membership(queries.database, account, wanted, found=bool(rows))
    page = Page([tag_resource(row) for row in rows], None)
    return Response(page, headers={"Tasktrail-Position": str(position)})


@get("/tags/{tag:uuid}", operation_id="getTag")
async def one_tag(
    tag: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[CountedTag]:
    """One tag, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *_SHOWN)
    row = await get_tag(queries.database, account=account, tag=tag)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(tag_resource(row), headers=headers)


def tag_resource(row: TagRow) -> CountedTag:
    return CountedTag(**asdict(row))


TAG_QUERIES = Router(path="/", route_handlers=[list_of_tags, one_tag], tags=["tags"])
