"""The questions about workspaces and members over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from events.envelope import Caller
from gateway.http import HttpRequest, etag
from gateway.resources.workspaces import MemberResource, WorkspaceResource
from queries.paging import Page
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries
from queries.workspaces import (
    MemberRow,
    WorkspaceRow,
    get_workspace,
    list_members,
    list_workspaces,
)


@get("/workspaces", operation_id="listWorkspaces")
async def my_workspaces(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[WorkspaceResource]]:
    """The workspaces you are a member of, the oldest first."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "workspaces")
    page = await list_workspaces(
        queries.database, log=queries.log_id, account=account, limit=limit, cursor=cursor
    )
    shown = Page([workspace_resource(row) for row in page.items], page.next_cursor)
    return Response(shown, headers=page_headers(request, position, page.next_cursor))


@get("/workspaces/{workspace:uuid}", operation_id="getWorkspace")
async def one_workspace(
    workspace: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[WorkspaceResource]:
    """One workspace, with its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "workspaces")
    row = await get_workspace(queries.database, account=account, workspace=workspace)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(row.version)}
    return Response(workspace_resource(row), headers=headers)


@get("/workspaces/{workspace:uuid}/members", operation_id="listMembers")
async def members(
    request: HttpRequest,
    workspace: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[MemberResource]]:
    """Who is in a workspace of yours, the longest-standing first; its version as ETag."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "workspaces", "accounts")
    row = await get_workspace(queries.database, account=account, workspace=workspace)
    page = await list_members(
        queries.database, log=queries.log_id, workspace=workspace, limit=limit, cursor=cursor
    )
    headers = page_headers(request, position, page.next_cursor) | {"ETag": etag(row.version)}
    shown = Page([member_resource(row) for row in page.items], page.next_cursor)
    return Response(shown, headers=headers)


def workspace_resource(row: WorkspaceRow) -> WorkspaceResource:
    return WorkspaceResource(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        personal=row.personal,
        role=row.role,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def member_resource(row: MemberRow) -> MemberResource:
    return MemberResource(
        account=row.account,
        full_name=row.full_name,
        username=row.username,
        email=row.email,
        role=row.role,
        active=row.active,
    )


WORKSPACE_QUERIES = Router(
    path="/", route_handlers=[my_workspaces, one_workspace, members], tags=["workspaces"]
)
