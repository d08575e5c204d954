"""A notification, and what an account wants to be told, as the native API shows them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from events.inbox import CHANNELS, KINDS, NotificationKind
from gateway.resources.history import Actor


class NotificationResource(msgspec.Struct, frozen=True, kw_only=True):
    """`summary` says it in a line of plain text; `actor` is null where no account did it."""

    id: UUID
    kind: NotificationKind
    summary: str
    read: bool
    workspace: UUID
    task: UUID
    task_title: str
    comment: UUID | None
    actor: Actor | None
    created_at: datetime
    position: int


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """`unread_count` counts all that is unread, on whatever page. `next_cursor` is null on the
    last page."""

    items: list[NotificationResource]
    next_cursor: str | None
    unread_count: int


class Channels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    in_app: bool = True
    mail: bool = True


class PreferencesResource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where each kind of notification goes; what is left out goes everywhere."""

    assigned: Channels = Channels()
    commented: Channels = Channels()
    mentioned: Channels = Channels()
    overdue: Channels = Channels()


def preferences_resource(silenced: Collection[str]) -> PreferencesResource:
    """From the `kind/channel` pairs that are not wanted."""
    return PreferencesResource(
        **{
            kind: Channels(**{name: f"{kind}/{name}" not in silenced for name in CHANNELS})
            for kind in KINDS
        }
    )
