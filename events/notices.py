"""Whom does an event concern so much that they should be told?"""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid5

import msgspec

from events.comments import CommentAdded, CommentEdited
from events.envelope import Recorded
from events.inbox import NotificationKind
from events.tasks import TaskAssigned, TaskFellOverdue


class Notice(msgspec.Struct, frozen=True):
    """`task` is None where only the comment knows it."""

    account: UUID
    kind: NotificationKind
    task: UUID | None
    comment: UUID | None = None


def notices_of(recorded: Recorded) -> Sequence[Notice]:
    """At most one an account, and never to whoever did it: what is overdue nobody did."""
    found: dict[UUID, Notice] = {}
    for notice in _concerned(recorded):
        if notice.account != recorded.actor or notice.kind == "overdue":
            found.setdefault(notice.account, notice)
    return list(found.values())


# What may concern somebody.
NOTICED = frozenset({"task.assigned", "task.fell_overdue", "comment.added", "comment.edited"})


def notification_id(account: UUID, position: int) -> UUID:
    return uuid5(account, str(position))


def inbox_of(account: UUID) -> UUID:
    """The stream of what an account does to its inbox as a whole."""
    return uuid5(account, "inbox")


def told(kind: NotificationKind, who: str | None, title: str) -> str:
    """What happened, in a line of plain text."""
    somebody = who or "Somebody"
    match kind:
        case "assigned":
            return f"{somebody} assigned you “{title}”"
        case "commented":
            return f"{somebody} commented on “{title}”"
        case "mentioned":
            return f"{somebody} mentioned you on “{title}”"
        case "overdue":
            return f"“{title}” is overdue"


def _concerned(recorded: Recorded) -> Iterator[Notice]:
    """Who is mentioned comes first: that says more than a comment alone."""
    fact, stream = recorded.fact, recorded.stream
    match fact:
        case TaskAssigned():
            yield Notice(fact.assignee, "assigned", stream)
        case TaskFellOverdue():
            for account in fact.audience:
                yield Notice(account, "overdue", fact.task)
        case CommentAdded():
            for account in fact.mentions:
                yield Notice(account, "mentioned", fact.task, stream)
            for account in fact.audience:
                yield Notice(account, "commented", fact.task, stream)
        case CommentEdited():
            for account in fact.mentions:
                yield Notice(account, "mentioned", None, stream)
