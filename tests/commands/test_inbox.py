"""What an account may do to its inbox."""

import pytest

from commands.inbox import (
    INBOX,
    NOTIFICATIONS,
    ReadNotification,
    ReadNotifications,
    SetPreferences,
)
from events.ids import new_id
from events.inbox import NotificationPreferenceSet, NotificationRead, NotificationsRead
from events.notices import inbox_of, notification_id
from events.refusals import NotFound
from tests.support.given import given

EVE, BOB = new_id(), new_id()
ONE = notification_id(EVE, 7)
READ = ReadNotification(stream=ONE, account=EVE)
NO_MAIL = NotificationPreferenceSet(kind="overdue", channel="mail", on=False)


def read_up_to(position: int) -> ReadNotifications:
    return ReadNotifications(stream=inbox_of(EVE), account=EVE, up_to=position)


def prefer(on: bool) -> SetPreferences:
    wanted = {("overdue", "mail"): on, ("overdue", "in_app"): True}
    return SetPreferences(stream=inbox_of(EVE), account=EVE, wanted=wanted)  # type: ignore[arg-type]


def test_a_notification_is_read_once() -> None:
    read = NotificationRead(notification=ONE)
    assert given(NOTIFICATIONS).when(READ, EVE) == [read]
    assert given(NOTIFICATIONS, [read]).when(READ, EVE) == []


def test_nobody_reads_the_inbox_of_another() -> None:
    with pytest.raises(NotFound):
        given(NOTIFICATIONS).when(READ, BOB)
    for command in (read_up_to(3), prefer(False)):
        with pytest.raises(NotFound):
            given(INBOX).when(command, BOB)


def test_all_are_read_up_to_what_was_seen() -> None:
    assert given(INBOX).when(read_up_to(9), EVE) == [NotificationsRead(up_to=9)]
    before = [NotificationsRead(up_to=9)]
    assert given(INBOX, before).when(read_up_to(9), EVE) == []
    assert given(INBOX).when(read_up_to(0), EVE) == []


def test_only_preferences_that_change_are_recorded() -> None:
    assert given(INBOX).when(prefer(True), EVE) == []
    assert given(INBOX).when(prefer(False), EVE) == [NO_MAIL]
    assert given(INBOX, [NO_MAIL]).when(prefer(False), EVE) == []
    on = NotificationPreferenceSet(kind="overdue", channel="mail", on=True)
    assert given(INBOX, [NO_MAIL]).when(prefer(True), EVE) == [on]
