"""What an account may do to its inbox; what lies in it follows from what happens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.base import Command, Context, Decider
from events.base import Fact
from events.inbox import (
    Channel,
    InboxEvent,
    NotificationEvent,
    NotificationKind,
    NotificationPreferenceSet,
    NotificationRead,
    NotificationsRead,
)
from events.refusals import NotFound

Preferences = Mapping[tuple[NotificationKind, Channel], bool]


class ReadNotification(Command, frozen=True, kw_only=True):
    """`stream` is the notification's own id, which its account is known to have."""

    account: UUID


class ReadNotifications(Command, frozen=True, kw_only=True):
    account: UUID
    up_to: int


class SetPreferences(Command, frozen=True, kw_only=True):
    """What `wanted` does not name stays as it is."""

    account: UUID
    wanted: Preferences


NotificationCommand = ReadNotification
InboxCommand = ReadNotifications | SetPreferences


class Notification(msgspec.Struct, frozen=True):
    read: bool = False


class Inbox(msgspec.Struct, frozen=True):
    """Everything is wanted whose `kind/channel` is not in `silenced`."""

    read_up_to: int = 0
    silenced: frozenset[str] = frozenset()

    def wants(self, kind: NotificationKind, channel: Channel) -> bool:
        return f"{kind}/{channel}" not in self.silenced


def evolve_notification(
    notification: Notification, event: NotificationEvent, at: datetime
) -> Notification:
    return Notification(read=True)


def evolve(inbox: Inbox, event: InboxEvent, at: datetime) -> Inbox:
    match event:
        case NotificationsRead():
            return replace(inbox, read_up_to=max(event.up_to, inbox.read_up_to))
        case NotificationPreferenceSet():
            pair = {f"{event.kind}/{event.channel}"}
            silenced = inbox.silenced - pair if event.on else inbox.silenced | pair
            return replace(inbox, silenced=silenced)


def decide_notification(
    command: NotificationCommand, notification: Notification, context: Context
) -> Sequence[Fact]:
    _demand_own(command.account, context)
    return [] if notification.read else [NotificationRead(notification=command.stream)]


def decide(command: InboxCommand, inbox: Inbox, context: Context) -> Sequence[Fact]:
    _demand_own(command.account, context)
    match command:
        case ReadNotifications():
            new = command.up_to > inbox.read_up_to
            return [NotificationsRead(up_to=command.up_to)] if new else []
        case SetPreferences():
            return [
                NotificationPreferenceSet(kind=kind, channel=channel, on=on)
                for (kind, channel), on in command.wanted.items()
                if on != inbox.wants(kind, channel)
            ]


def _demand_own(account: UUID, context: Context) -> None:
    if account != context.caller.account:
        raise NotFound("there is no such inbox")


NOTIFICATIONS = Decider(
    noun="notification",
    initial=Notification(),
    evolve=evolve_notification,
    decide=decide_notification,
    owner=lambda command: command.account,
)
INBOX = Decider(
    noun="inbox",
    initial=Inbox(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.account,
)
