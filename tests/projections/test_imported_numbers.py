"""What was imported keeps its integer id, in every view and on the write side."""

from typing import Any
from uuid import uuid4

import pytest

from commands.accounts import ACCOUNTS as ACCOUNT
from commands.attachments import ATTACHMENTS as ATTACHMENT
from commands.base import Decider, Stream, fold
from commands.tasks import TASKS as TASK
from events.accounts import AccountRegistered, EmailChanged
from events.attachments import AttachmentAdded
from events.base import Fact
from events.ids import NUMBER_OFFSET
from events.tasks import TaskCreated, TaskStarted
from projections.accounts import ACCOUNTS
from projections.attachments import ATTACHMENTS
from projections.table import Projection
from projections.tasks import TASKS
from tests.support.projections import fold_rows, story


def account(**number: Any) -> list[Fact]:
    registered = AccountRegistered(
        email="ada@example.org", username=None, full_name="Ada", **number
    )
    return [registered, EmailChanged(email="ada@example.net")]


def task(**number: Any) -> list[Fact]:
    return [TaskCreated(title="Old", **number), TaskStarted()]


def file(**number: Any) -> list[Fact]:
    named: dict[str, Any] = {"name": "a.png", "content_type": "image/png", "sha256": "ab" * 32}
    named |= number
    return [AttachmentAdded(task=uuid4(), size=1, object_key=uuid4(), **named)]


@pytest.mark.parametrize(
    ("projection", "table", "decider", "facts"),
    [
        (ACCOUNTS, "accounts", ACCOUNT, account),
        (TASKS, "tasks", TASK, task),
        (ATTACHMENTS, "attachments", ATTACHMENT, file),
    ],
)
def test_an_old_number_wins_over_that_of_the_position(
    projection: Projection, table: str, decider: Decider[Any], facts: Any
) -> None:
    for given, shown in (({"number": 17}, 17), ({}, NUMBER_OFFSET + 5)):
        events = story(*facts(**given), first=5)
        (row,) = fold_rows(projection, events)[table]
        assert row.number == shown
        stream = fold(decider, Stream(id=events[0].stream, state=decider.initial), events)
        assert (stream.number, stream.version) == (shown, len(events))
