"""Comments as a task's page shows them."""

from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from events.comments import CommentAdded, CommentDeleted, CommentEdited, CommentEvent
from events.envelope import Recorded
from events.ids import number_at
from projections.table import Projection, Row, Table, by_stream, opens_stream, topics_of


class CommentView(Row, frozen=True):
    """A deleted comment has no text any more, but still its place."""

    id: UUID
    number: int
    workspace: UUID
    task: UUID
    author: UUID | None
    content: str | None
    mentions: tuple[UUID, ...]
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int
    position: int


def evolve_comment(comment: CommentView | None, recorded: Recorded) -> CommentView | None:
    fact, at = cast(CommentEvent, recorded.fact), recorded.occurred_at
    place = {"version": recorded.version, "position": recorded.position}
    if isinstance(fact, CommentAdded):
        return CommentView(
            id=recorded.stream,
            number=number_at(recorded.position),
            workspace=recorded.owner,
            task=fact.task,
            author=recorded.actor,
            content=fact.content,
            mentions=fact.mentions,
            created_at=at,
            edited_at=None,
            deleted_at=None,
            **place,
        )
    if comment is None:
        return None
    match fact:
        case CommentEdited():
            told = (*comment.mentions, *fact.mentions)
            return replace(comment, content=fact.content, mentions=told, edited_at=at, **place)
        case CommentDeleted():
            return replace(comment, content=None, deleted_at=at, **place)


COMMENTS = Projection(
    name="comments",
    version=1,
    tables=(
        Table(
            name="comments",
            row=CommentView,
            key=("id",),
            topics=topics_of("comment"),
            keys=by_stream,
            evolve=evolve_comment,
            is_first=opens_stream,
            indexes=("(task, created_at, id)",),
        ),
    ),
)
