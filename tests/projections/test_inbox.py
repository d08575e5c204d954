"""Who is told of what, and what they have read."""

from uuid import UUID

from events.base import Fact
from events.comments import CommentAdded, CommentEdited
from events.envelope import Recorded
from events.ids import new_id
from events.inbox import NotificationPreferenceSet, NotificationRead, NotificationsRead
from events.notices import inbox_of, notices_of, notification_id
from events.tasks import TaskAssigned, TaskCreated, TaskFellOverdue
from projections.inbox import INBOX, InboxView, NotificationView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

EVE, BOB, TASK = new_id(), new_id(), new_id()


def told(*facts: Fact) -> list[tuple[UUID, str]]:
    rows = fold_rows(INBOX, story(*facts))["notifications"]
    return [(row.account, row.kind) for row in rows]


def told_to_eve(*more: Recorded) -> NotificationView:
    rows = fold_rows(INBOX, [*story(TaskAssigned(assignee=EVE), stream=TASK), *more])
    (row,) = rows["notifications"]
    assert isinstance(row, NotificationView)
    return row


def read_by(account: UUID) -> list[Recorded]:
    id = notification_id(EVE, 1)
    return story(NotificationRead(notification=id), stream=id, owner=account, first=2)


def inbox_after(*facts: Fact) -> InboxView:
    (inbox,) = fold_rows(INBOX, story(*facts, stream=inbox_of(EVE), owner=EVE))["inboxes"]
    assert isinstance(inbox, InboxView)
    return inbox


def test_the_assignee_is_told() -> None:
    assert told_to_eve() == NotificationView(
        id=notification_id(EVE, 1),
        account=EVE,
        position=1,
        kind="assigned",
        workspace=WORKSPACE,
        task=TASK,
        comment=None,
        actor=ACTOR,
        occurred_at=NOON,
        read=False,
    )


def test_nobody_is_told_what_they_did() -> None:
    assert told(TaskAssigned(assignee=ACTOR)) == []
    assert told(CommentAdded(task=TASK, content="", audience=(ACTOR,), mentions=(ACTOR,))) == []


def test_who_is_mentioned_is_told_that_and_nothing_else() -> None:
    comment = CommentAdded(task=TASK, content="", audience=(EVE, BOB), mentions=(EVE,))
    assert told(comment) == [(EVE, "mentioned"), (BOB, "commented")]


def test_an_edit_tells_whom_it_mentions_anew() -> None:
    comment = CommentAdded(task=TASK, content="", audience=(BOB,))
    edited = CommentEdited(content="", mentions=(EVE,))
    assert told(comment, edited) == [(BOB, "commented"), (EVE, "mentioned")]
    rows = fold_rows(INBOX, story(comment, edited))["notifications"]
    assert rows[0].comment == rows[1].comment


def test_an_overdue_task_tells_its_audience() -> None:
    assert told(TaskFellOverdue(task=TASK, audience=(EVE, BOB))) == [
        (EVE, "overdue"),
        (BOB, "overdue"),
    ]


def test_other_events_tell_nobody() -> None:
    assert told(TaskCreated(title="Write")) == []
    assert notices_of(story(TaskCreated(title="Write"))[0]) == []


def test_a_notification_is_read_by_its_account_alone() -> None:
    assert told_to_eve(*read_by(EVE)).read
    assert not told_to_eve(*read_by(BOB)).read


def test_all_are_read_up_to_a_position_that_never_goes_back() -> None:
    assert inbox_after(NotificationsRead(up_to=9)).read_up_to == 9
    assert inbox_after(NotificationsRead(up_to=9), NotificationsRead(up_to=4)).read_up_to == 9


def test_a_preference_holds_until_it_is_set_again() -> None:
    off = NotificationPreferenceSet(kind="commented", channel="mail", on=False)
    on = NotificationPreferenceSet(kind="commented", channel="mail", on=True)
    assert inbox_after(off).silenced == ("commented/mail",)
    assert inbox_after(off, on).silenced == ()
    assert inbox_after(off, off, on).version == 3
