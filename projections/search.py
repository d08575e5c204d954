"""The texts that a search looks through."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.envelope import Recorded
from events.notes import NoteCreated, NoteDeleted, NoteEdited, NoteRestored
from events.posts import PostCreated, PostDeleted, PostEdited, PostRestored
from events.tasks import TaskCreated, TaskDeleted, TaskEdited, TaskRestored
from projections.table import Key, Projection, Row, Table, opens_stream, topics_of

Begun = TaskCreated | CommentAdded | NoteCreated | PostCreated
Edited = TaskEdited | CommentEdited | NoteEdited | PostEdited
Searched = (
    Begun
    | Edited
    | TaskDeleted
    | TaskRestored
    | CommentDeleted
    | NoteDeleted
    | NoteRestored
    | PostDeleted
    | PostRestored
)
_VERBS = ("created", "edited", "deleted", "restored")
_TOPICS = topics_of("comment") | {f"{n}.{v}" for n in ("task", "note", "post") for v in _VERBS}

# What joins words to an address, a number, a name of a file or a tag, each a word for Postgres.
JOINTS = "<>&@./:-+~"


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
    if isinstance(fact, Edited) and texts_of(fact) == {}:
        return ()
    return ((recorded.stream,),)


def evolve_document(document: DocumentView | None, recorded: Recorded) -> DocumentView | None:
    fact = cast(Searched, recorded.fact)
    if isinstance(fact, Begun):
        return DocumentView(
            id=recorded.stream,
            workspace=recorded.owner,
            noun=recorded.noun,
            task=fact.task if isinstance(fact, CommentAdded) else None,
            **{"title": "", **texts_of(fact)},
            deleted=False,
            position=recorded.position,
        )
    if document is None:
        return None
    document = replace(document, position=recorded.position)
    match fact:
        case TaskEdited() | CommentEdited() | NoteEdited() | PostEdited():
            return replace(document, **texts_of(fact))
        case CommentDeleted():
            return replace(document, body="", deleted=True)
        case TaskDeleted() | NoteDeleted() | PostDeleted():
            return replace(document, deleted=True)
        case TaskRestored() | NoteRestored() | PostRestored():
            return replace(document, deleted=False)


def texts_of(fact: Begun | Edited) -> dict[str, str]:
    """The title and the body, as far as the fact sets them."""
    title = UNSET if isinstance(fact, CommentAdded | CommentEdited) else fact.title
    body = fact.description if isinstance(fact, TaskCreated | TaskEdited) else fact.content
    texts = {"title": title, "body": "" if body is None else body}
    return {name: text for name, text in texts.items() if text is not UNSET}


def _words_of(column: str) -> str:
    return f"to_tsvector('simple', translate({column}, '{JOINTS}', '{' ' * len(JOINTS)}'))"


SEARCH = Projection(
    name="search",
    version=4,
    tables=(
        Table(
            name="documents",
            row=DocumentView,
            key=("id",),
            topics=_TOPICS,
            keys=documents_touched,
            evolve=evolve_document,
            is_first=opens_stream,
            generated=(
                "words tsvector NOT NULL GENERATED ALWAYS AS ("
                f"setweight({_words_of('title')}, 'A')"
                f" || setweight({_words_of('body')}, 'B')) STORED",
            ),
            indexes=("USING gin (words) WHERE NOT deleted", "(workspace)"),
        ),
    ),
)
