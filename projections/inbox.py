"""What each account was told, what it has read of that, and what it does not want to hear."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Recorded
from events.inbox import (
    InboxEvent,
    NotificationKind,
    NotificationPreferenceSet,
    NotificationRead,
    NotificationsRead,
)
from events.notices import NOTICED, notices_of, notification_id
from events.tasks import TaskFellOverdue
from projections.table import Key, Projection, Row, Table, by_stream, opens_stream, topics_of


class NotificationView(Row, frozen=True):
    """`read` says that it was read by itself; all up to a position may have been read at once."""

    id: UUID
    account: UUID
    position: int
    kind: NotificationKind
    workspace: UUID
    task: UUID | None
    comment: UUID | None
    actor: UUID | None
    occurred_at: datetime
    read: bool


class InboxView(Row, frozen=True):
    """`silenced` lists the `kind/channel` pairs that the account does not want."""

    account: UUID
    read_up_to: int
    silenced: tuple[str, ...]
    version: int


class AnnouncementView(Row, frozen=True):
    """A due moment of a task that was announced to have passed."""

    id: UUID
    task: UUID
    due_on: date | None
    due_at: datetime | None


def notifications_touched(recorded: Recorded) -> Sequence[Key]:
    if isinstance(recorded.fact, NotificationRead):
        return ((recorded.fact.notification,),)
    at = recorded.position
    return [(notification_id(notice.account, at),) for notice in notices_of(recorded)]


def evolve_notification(
    row: NotificationView | None, recorded: Recorded, key: Key
) -> NotificationView | None:
    if isinstance(recorded.fact, NotificationRead):
        theirs = row is not None and row.account == recorded.owner
        return replace(row, read=True) if row and theirs else row
    for notice in notices_of(recorded):
        if (notification_id(notice.account, recorded.position),) == key:
            return NotificationView(
                id=key[0],
                account=notice.account,
                position=recorded.position,
                kind=notice.kind,
                workspace=recorded.owner,
                task=notice.task,
                comment=notice.comment,
                actor=recorded.actor,
                occurred_at=recorded.occurred_at,
                read=False,
            )
    return row


def inboxes_touched(recorded: Recorded) -> Sequence[Key]:
    return ((recorded.owner,),)


def evolve_inbox(inbox: InboxView | None, recorded: Recorded) -> InboxView:
    fact = cast(InboxEvent, recorded.fact)
    inbox = inbox or InboxView(recorded.owner, 0, (), 0)
    inbox = replace(inbox, version=recorded.version)
    match fact:
        case NotificationsRead():
            return replace(inbox, read_up_to=max(fact.up_to, inbox.read_up_to))
        case NotificationPreferenceSet():
            silenced = set(inbox.silenced) - {f"{fact.kind}/{fact.channel}"}
            if not fact.on:
                silenced.add(f"{fact.kind}/{fact.channel}")
            return replace(inbox, silenced=tuple(sorted(silenced)))


def evolve_announcement(row: AnnouncementView | None, recorded: Recorded) -> AnnouncementView:
    fact = cast(TaskFellOverdue, recorded.fact)
    return AnnouncementView(recorded.stream, fact.task, fact.due_on, fact.due_at)


INBOX = Projection(
    name="inbox",
    version=1,
    tables=(
        Table(
            name="notifications",
            row=NotificationView,
            key=("id",),
            topics=NOTICED | topics_of("notification"),
            keys=notifications_touched,
            evolve=evolve_notification,
            keyed=True,
            is_first=lambda recorded: recorded.topic in NOTICED,
            indexes=("(account, position)",),
        ),
        Table(
            name="inboxes",
            row=InboxView,
            key=("account",),
            topics=topics_of("inbox"),
            keys=inboxes_touched,
            evolve=evolve_inbox,
            is_first=opens_stream,
        ),
        Table(
            name="announcements",
            row=AnnouncementView,
            key=("id",),
            topics=frozenset({"task.fell_overdue"}),
            keys=by_stream,
            evolve=evolve_announcement,
            is_first=opens_stream,
            indexes=("(task)",),
        ),
    ),
)
