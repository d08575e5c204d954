"""TaskHub's notifications: what the inbox tells of the shared workspace, in its words."""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.handler import Handler
from commands.inbox import ReadNotification, ReadNotifications
from commands.overdue import RemindOfOverdue
from commands.tasks import TASKS
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.inbox import NotificationKind
from events.notices import inbox_of, notification_id
from events.refusals import Conflict, NotFound
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import (
    WireRequest,
    detail,
    query_of,
    shown_moment,
    uuid_in_path,
)
from gateway.dialects.taskhub.reading import at_head, demand_here, task_not_found
from gateway.dialects.taskhub.space import SPACE
from gateway.dialects.taskhub.wire import NotificationQuery
from queries.inbox import (
    NotificationRow,
    count_unread,
    get_notification,
    list_notifications,
    newest_position,
)
from queries.services import Queries

Json = dict[str, Any]
READ = ("inbox", "comments")

# kind -> type, title, message
_WORDS: dict[NotificationKind, tuple[str, str, str]] = {
    "assigned": (
        "task_assigned",
        "Task Assigned: {task}",
        "{actor} assigned you the task '{task}'.",
    ),
    "commented": ("comment_added", "New Comment: {task}", "{actor} commented on '{task}'."),
    "mentioned": ("comment_added", "New Comment: {task}", "{actor} commented on '{task}'."),
    "overdue": (
        "task_overdue",
        "Task Overdue: {task}",
        "Task '{task}' is past its due date. Please take action.",
    ),
}
assert set(_WORDS) == set(get_args(NotificationKind))


@get("/")
async def list_all(
    request: WireRequest, member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> Json:
    """The newest first; the count is of all that are unread, shown or not."""
    asked, account = query_of(request, NotificationQuery), account_of(member)
    await at_head(queries, member, *READ)
    page = await list_notifications(
        queries.database, log=queries.log_id, account=account, workspace=SPACE, limit=asked.limit
    )
    return {
        "notifications": [shown(row, member) for row in page.items],
        "unread_count": await count_unread(queries.database, account=account, workspace=SPACE),
    }


@post("/{notification:str}/read", status_code=200)
async def read_by_post(
    notification: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    return await read(notification, member, handler, queries, command)


@put("/{notification:str}/read")
async def read_by_put(
    notification: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    return await read(notification, member, handler, queries, command)


@post("/read-all", status_code=200)
async def read_all(
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    account = account_of(member)
    await at_head(queries, member, *READ)
    newest = await newest_position(queries.database, account=account, up_to=None)
    reading = ReadNotifications(stream=inbox_of(account), account=account, up_to=newest)
    await handler.handle([reading], command)
    return {"status": "ok", "message": "All notifications marked as read"}


async def read(
    notification: str,
    member: Caller,
    handler: Handler,
    queries: Queries,
    command: CommandRequest,
) -> Json:
    id, account = uuid_in_path(notification, "notification_id"), account_of(member)
    await at_head(queries, member, *READ)
    row = await get_notification(queries.database, account=account, notification=id)
    if row is None or row.workspace != SPACE:
        raise detail(404, "Notification not found")
    await handler.handle([ReadNotification(stream=id, account=account)], command)
    return {**shown(row, member), "is_read": True}


@post("/api/tasks/{task:str}/notify-overdue", status_code=200)
async def notify_overdue(
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
    command: NamedDependency[CommandRequest],
) -> Json:
    """What the assignee, else the creator, is told by it."""
    id = uuid_in_path(task, "task_id")
    await demand_here(queries, member, id)
    try:
        outcome = await handler.handle(
            [RemindOfOverdue(stream=new_id(), workspace=SPACE, task=id)], command
        )
    except NotFound:
        raise task_not_found() from None
    except Conflict:
        raise detail(400, "Task is not overdue") from None
    told, at = outcome.stream.state.told, outcome.stream.created_at
    assert at is not None, "the reminder has begun its stream"
    title = (await handler.load(id, TASKS)).state.title
    return told_of(notification_id(told, outcome.position), told, id, "overdue", title, None, at)


def shown(row: NotificationRow, member: Caller) -> Json:
    notification = told_of(
        row.id,
        account_of(member),
        row.task,
        row.kind,
        row.task_title,
        row.actor_name,
        row.occurred_at,
    )
    return {**notification, "is_read": row.read}


def told_of(
    id: UUID,
    account: UUID,
    task: UUID,
    kind: NotificationKind,
    task_title: str,
    actor: str | None,
    at: datetime,
) -> Json:
    name, title, message = _WORDS[kind]
    known = {"task": task_title, "actor": actor or "Somebody"}
    return {
        "id": str(id),
        "user_id": str(account),
        "task_id": str(task),
        "type": name,
        "title": title.format(**known),
        "message": message.format(**known),
        "is_read": False,
        "created_at": shown_moment(at),
    }


NOTIFICATIONS = Router(
    path="/api/notifications", route_handlers=[list_all, read_by_post, read_by_put, read_all]
)
