"""The texts that a search looks through."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.envelope import Recorded
from events.tasks import TaskCreated, TaskDeleted, TaskEdited, TaskRestored
from projections.table import Key, Projection, Row, Table, opens_stream, topics_of

Searched = (
    TaskCreated
    | TaskEdited
    | TaskDeleted
    | TaskRestored
    | CommentAdded
    | CommentEdited
    | CommentDeleted
)


class DocumentView(Row, frozen=True):
    """`words`, which Postgres computes, holds title (weight A) and body (B) unstemmed, so that
    beginnings of words match in any language. A comment has no title of its own but a `task`."""

    id: UUID
    workspace: UUID
    noun: str
    task: UUID | None
    title: str
    body: str
    deleted: bool
    position: int


def documents_touched(recorded: Recorded) -> Sequence[Key]:
    """None by an edit that leaves the texts alone: each write computes the words anew."""
    fact = cast(Searched, recorded.fact)
    if isinstance(fact, TaskEdited) and fact.title is UNSET and fact.description is UNSET:
        return ()
    return ((recorded.stream,),)


def evolve_document(document: DocumentView | None, recorded: Recorded) -> DocumentView | None:
    fact = cast(Searched, recorded.fact)
    if isinstance(fact, TaskCreated):
        return DocumentView(
            id=recorded.stream,
            workspace=recorded.owner,
            noun=recorded.noun,
            task=None,
            title=fact.title,
            body=fact.description or "",
            deleted=False,
            position=recorded.position,
        )
    if isinstance(fact, CommentAdded):
        return DocumentView(
            id=recorded.stream,
            workspace=recorded.owner,
            noun=recorded.noun,
            task=fact.task,
            title="",
            body=fact.content,
            deleted=False,
            position=recorded.position,
        )
    if document is None:
        return None
    document = replace(document, position=recorded.position)
    match fact:
        case TaskEdited():
            title = document.title if fact.title is UNSET else fact.title
            body = document.body if fact.description is UNSET else fact.description or ""
            return replace(document, title=title, body=body)
        case CommentEdited():
            return replace(document, body=fact.content)
        case CommentDeleted():
            return replace(document, body="", deleted=True)
        case TaskDeleted():
            return replace(document, deleted=True)
        case TaskRestored():
            return replace(document, deleted=False)


SEARCH = Projection(
    name="search",
    version=2,
    tables=(
        Table(
            name="documents",
            row=DocumentView,
            key=("id",),
            topics=frozenset({"task.created", "task.edited", "task.deleted", "task.restored"})
            | topics_of("comment"),
            keys=documents_touched,
            evolve=evolve_document,
            is_first=opens_stream,
            generated=(
                "words tsvector NOT NULL GENERATED ALWAYS AS ("
                "setweight(to_tsvector('simple', title), 'A')"
                " || setweight(to_tsvector('simple', body), 'B')) STORED",
            ),
            indexes=("USING gin (words) WHERE NOT deleted", "(workspace)"),
        ),
    ),
)
