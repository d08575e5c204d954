"""The inbox commands over HTTP."""

from typing import Annotated, Any, Protocol, runtime_checkable
from uuid import UUID

from litestar import Response, Router, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import replace

from commands.handler import Handler
from commands.inbox import Preferences, ReadNotification, ReadNotifications, SetPreferences
from events.append import CommandRequest
from events.inbox import CHANNELS, KINDS
from events.notices import inbox_of
from events.refusals import NotFound
from gateway.http import answer
from gateway.resources.inbox import (
    NotificationResource,
    PreferencesResource,
    preferences_resource,
)

UpTo = Annotated[
    int | None,
    QueryParameter(
        description="The `position` of the newest one you saw; without it, all there are by now.",
        ge=0,
        le=2**53,
    ),
]


@runtime_checkable
class Notifications(Protocol):
    """What has been told to an account, as of the head of the log. Raises `Unavailable`."""

    async def find(self, account: UUID, notification: UUID) -> NotificationResource | None: ...
    async def newest(self, account: UUID, up_to: int | None) -> int:
        """The position of the newest one; 0 if there is none."""
        ...


@post("/notifications/{notification:uuid}/read", operation_id="readNotification", status_code=200)
async def read_notification(
    notification: FromPath[UUID],
    handler: NamedDependency[Handler],
    notifications: NamedDependency[Notifications],
    command_request: NamedDependency[CommandRequest],
) -> Response[NotificationResource]:
    """Mark one as read."""
    account = command_request.account
    found = await notifications.find(account, notification)
    if found is None:
        raise NotFound("there is no such notification")
    command = ReadNotification(stream=notification, account=account)
    outcome = await handler.handle([command], command_request)
    return answer(replace(found, read=True), position=outcome.position, replayed=outcome.replayed)


@post("/notifications/read-all", operation_id="readNotifications", status_code=204)
async def read_all(
    handler: NamedDependency[Handler],
    notifications: NamedDependency[Notifications],
    command_request: NamedDependency[CommandRequest],
    up_to: UpTo = None,
) -> Response[None]:
    """Mark all as read."""
    account = command_request.account
    newest = await notifications.newest(account, up_to)
    command = ReadNotifications(stream=inbox_of(account), account=account, up_to=newest)
    outcome = await handler.handle([command], command_request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


@put("/notifications/preferences", operation_id="setNotificationPreferences")
async def set_preferences(
    data: JSONBody[PreferencesResource],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[PreferencesResource]:
    """Say what you want to be told of, and where."""
    account = command_request.account
    wanted: Preferences = {
        (kind, channel): getattr(getattr(data, kind), channel)
        for kind in KINDS
        for channel in CHANNELS
    }
    command = SetPreferences(stream=inbox_of(account), account=account, wanted=wanted)
    outcome = await handler.handle([command], command_request)
    stream = outcome.stream
    return answer(
        preferences_resource(stream.state.silenced),
        version=stream.version,
        position=outcome.position,
        replayed=outcome.replayed,
    )


INBOX_ROUTES: list[Any] = [read_notification, read_all, set_preferences]
INBOX_COMMANDS = Router(path="/", route_handlers=INBOX_ROUTES, tags=["notifications"])
