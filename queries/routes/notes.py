"""The note queries over HTTP."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from events.envelope import Caller
from gateway.http import HttpRequest
from gateway.resources.history import HistoryItem
from gateway.resources.markdown import render
from gateway.resources.notes import Category, NoteResource, RenderedNote
from gateway.resources.text import TagText
from projections.notes import evolve_note
from queries.notes import NOTES, NoteFilter, NoteRow, NoteSort
from queries.paging import Page
from queries.routes.history import history_answer
from queries.routes.listed import (
    Past,
    Slice,
    list_answer,
    one_answer,
    past_answer,
    provide_past,
    provide_slice,
)
from queries.routes.tasks import (
    Bound,
    CursorText,
    Limit,
    MinPosition,
    Search,
    account_of,
    range_begin,
    range_end,
    shown_fields,
)
from queries.services import Queries

_SHOWN = ("notes", "tasks", "workspaces")


async def provide_note_filter(
    workspace: FromQuery[list[UUID] | None] = None,
    category: FromQuery[list[Category] | None] = None,
    favourite: FromQuery[bool | None] = None,
    archived: FromQuery[bool | None] = None,
    tag: FromQuery[list[TagText] | None] = None,
    created_from: Bound = None,
    created_to: Bound = None,
    q: Search = None,
    deleted: FromQuery[bool] = False,
) -> NoteFilter:
    return NoteFilter(
        workspaces=tuple(workspace or ()),
        categories=tuple(category or ()),
        favourite=favourite,
        archived=archived,
        tags=tuple(tag or ()),
        created_from=range_begin(created_from, "created_from"),
        created_to=range_end(created_to, "created_to"),
        text=q,
        deleted=deleted,
    )


@get(
    "/notes",
    operation_id="listNotes",
    dependencies={"wanted": Provide(provide_note_filter), "part": Provide(provide_slice)},
)
async def list_of_notes(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    wanted: NamedDependency[NoteFilter],
    part: NamedDependency[Slice],
    sort: FromQuery[NoteSort] = "created_at",
) -> Response[Page[NoteResource]]:
    """The notes of your workspaces, narrowed and sorted. Ranges by date take in both days."""
    return await list_answer(
        request, queries, caller, NOTES, wanted, sort, part, show=listed, reads=_SHOWN
    )


@get("/notes/{note:uuid}", operation_id="getNote")
async def one_note(
    note: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    min_position: MinPosition = None,
) -> Response[RenderedNote]:
    """One note, with its version as ETag."""
    return await one_answer(queries, caller, NOTES, note, min_position, show=rendered, reads=_SHOWN)


@get("/notes/{note:uuid}/history", operation_id="getNoteHistory")
async def note_history(
    request: HttpRequest,
    note: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    limit: Limit = 50,
    cursor: CursorText = None,
    min_position: MinPosition = None,
) -> Response[Page[HistoryItem]]:
    """Everything that happened to a note, oldest first, also to a deleted one."""
    return await history_answer(
        request, queries, account_of(caller), "note", note, limit, cursor, min_position
    )


@get(
    "/notes/{note:uuid}/as-of",
    operation_id="getNoteAsOf",
    dependencies={"past": Provide(provide_past)},
)
async def note_as_of(
    note: FromPath[UUID],
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    past: NamedDependency[Past],
) -> Response[RenderedNote]:
    """The note as it was at a version or at an instant: exactly one of the two."""
    return await past_answer(
        queries,
        caller,
        NOTES,
        note,
        past,
        evolve_note,
        show=rendered,
        reads=_SHOWN,
    )


def listed(row: NoteRow) -> NoteResource:
    return NoteResource(**shown_fields(row))


def rendered(row: NoteRow) -> RenderedNote:
    content_html = None if row.content is None else render(row.content)
    return RenderedNote(**shown_fields(row), content_html=content_html)


NOTE_QUERIES = Router(path="/", route_handlers=[list_of_notes, one_note], tags=["notes"])
NOTE_HISTORY = Router(path="/", route_handlers=[note_history, note_as_of], tags=["history"])
