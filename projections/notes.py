"""Notes as lists and details show them."""

from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Recorded
from events.notes import NoteCreated, NoteEvent, changes_by
from projections.table import (
    Projection,
    Row,
    Table,
    born,
    by_stream,
    opens_stream,
    topics_of,
    touched,
)


class NoteView(Row, frozen=True):
    """`version` and `position` are those of the last event; `tags` stand as they were added."""

    id: UUID
    workspace: UUID
    number: int
    title: str
    content: str | None
    category: str
    favourite: bool
    tags: tuple[UUID, ...]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None
    version: int
    position: int


def evolve_note(note: NoteView | None, recorded: Recorded) -> NoteView | None:
    fact, at = cast(NoteEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, NoteCreated):
        return NoteView(
            **born(recorded),
            **changes_by(fact, (), at),
            favourite=False,
            tags=(),
            archived_at=None,
            deleted_at=None,
        )
    if note is None:  # its creation was erased
        return None
    return replace(note, **touched(recorded), **changes_by(fact, note.tags, at))


NOTES = Projection(
    name="notes",
    version=1,
    tables=(
        Table(
            name="notes",
            row=NoteView,
            key=("id",),
            topics=topics_of("note"),
            keys=by_stream,
            evolve=evolve_note,
            is_first=opens_stream,
            indexes=("(workspace, created_at, id) WHERE deleted_at IS NULL",),
        ),
    ),
)
