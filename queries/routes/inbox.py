"""The inbox queries over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from events.envelope import Caller
from events.notices import told
from gateway.http import HttpRequest, etag
from gateway.resources.history import Actor
from gateway.resources.inbox import (
    NotificationPage,
    NotificationResource,
    PreferencesResource,
    preferences_resource,
)
from queries.inbox import (
    NotificationRow,
    count_unread,
    get_notification,
    list_notifications,
    newest_position,
    silenced_by,
)
from queries.routes.tasks import CursorText, Limit, MinPosition, account_of, page_headers
from queries.services import Queries

JOINED = ("inbox", "comments", "tasks", "workspaces", "accounts")


@get("/notifications", operation_id="listNotifications")
async def my_notifications(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    unread: FromQuery[bool | None] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[NotificationPage]:
    """What you were told, the newest first."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, *JOINED)
    page = await list_notifications(
        queries.database,
        log=queries.log_id,
        account=account,
        unread=unread,
        limit=limit,
        cursor=cursor,
    )
    shown = NotificationPage(
        items=[notification_resource(row) for row in page.items],
        next_cursor=page.next_cursor,
        unread_count=await count_unread(queries.database, account=account),
    )
    return Response(shown, headers=page_headers(request, position, page.next_cursor))


@get("/notifications/preferences", operation_id="getNotificationPreferences")
async def my_preferences(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[PreferencesResource]:
    """What you want to be told of, and where."""
    account = account_of(caller)
    position = await queries.freshness.demand(account, min_position, "inbox")
    silenced, version = await silenced_by(queries.database, account=account)
    headers = {"Tasktrail-Position": str(position), "ETag": etag(version)}
    return Response(preferences_resource(silenced), headers=headers)


class Notifications:
    """What the inbox commands ask of the inbox: all that the log has told by now."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def find(self, account: UUID, notification: UUID) -> NotificationResource | None:
        await self._queries.freshness.demand(account, "head", *JOINED)
        row = await get_notification(
            self._queries.database, account=account, notification=notification
        )
        return notification_resource(row) if row else None

    async def newest(self, account: UUID, up_to: int | None) -> int:
        await self._queries.freshness.demand(account, "head", "inbox")
        return await newest_position(self._queries.database, account=account, up_to=up_to)


def notification_resource(row: NotificationRow) -> NotificationResource:
    return NotificationResource(
        id=row.id,
        kind=row.kind,
        summary=told(row.kind, row.actor_name, row.task_title),
        read=row.read,
        workspace=row.workspace,
        task=row.task,
        task_title=row.task_title,
        comment=row.comment,
        actor=Actor(row.actor, row.actor_name) if row.actor else None,
        created_at=row.occurred_at,
        position=row.position,
    )


INBOX_QUERIES = Router(
    path="/", route_handlers=[my_notifications, my_preferences], tags=["notifications"]
)
