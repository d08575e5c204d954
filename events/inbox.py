"""What can happen to an account's inbox; what lies in it follows from all other events."""

from typing import Literal
from uuid import UUID

from events.base import Fact

NotificationKind = Literal["assigned", "commented", "mentioned", "overdue"]
Channel = Literal["in_app", "mail"]
KINDS: tuple[NotificationKind, ...] = ("assigned", "commented", "mentioned", "overdue")
CHANNELS: tuple[Channel, ...] = ("in_app", "mail")


class NotificationRead(Fact, frozen=True):
    """In a stream of the notification's own, so that an inbox's fold stays short."""

    notification: UUID


class NotificationsRead(Fact, frozen=True):
    """All that the log had given rise to up to this position."""

    up_to: int


class NotificationPreferenceSet(Fact, frozen=True):
    kind: NotificationKind
    channel: Channel
    on: bool


NotificationEvent = NotificationRead
InboxEvent = NotificationsRead | NotificationPreferenceSet
