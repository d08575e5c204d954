"""What can happen to a comment on a task."""

from uuid import UUID

from events.base import Fact


class CommentAdded(Fact, frozen=True):
    """`content` is Markdown. `audience` are those it concerns: the task's creator and assignee
    at that moment; `mentions` the members it names."""

    task: UUID
    content: str
    mentions: tuple[UUID, ...] = ()
    audience: tuple[UUID, ...] = ()


class CommentEdited(Fact, frozen=True):
    """`mentions` are only those that the text did not name before."""

    content: str
    mentions: tuple[UUID, ...] = ()


class CommentDeleted(Fact, frozen=True):
    pass


CommentEvent = CommentAdded | CommentEdited | CommentDeleted
