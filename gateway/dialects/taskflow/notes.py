"""TaskFlow's `/notes`: each user's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Command, Stream
from commands.handler import Handler
from commands.notes import NOTES, CreateNote, DeleteNote, EditNote, MarkNote, Note
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.notes import CATEGORY
from events.refusals import NotFound
from gateway.dialects.fastapi import WireRequest, body_of, kept, query_of, shown_moment
from gateway.dialects.private import at_head, space_of
from gateway.dialects.taskflow.asking import found, not_found
from gateway.dialects.taskflow.shown import Json
from gateway.dialects.taskflow.wire import NewNote, NoteChanges, NoteQuery
from queries.listed import all_in
from queries.notes import NOTES as LISTED
from queries.notes import NoteFilter, NoteRow
from queries.services import Queries


@post("/", status_code=201)
async def create_note(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NewNote)
    create = CreateNote(
        stream=new_id(),
        workspace=space_of(command.caller),
        title=wanted.title,
        content=wanted.content,
        category=CATEGORY if wanted.category is None else wanted.category,
    )
    return shown((await handler.handle([create], command)).stream)


@get("/")
async def list_notes(
    request: WireRequest, member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> list[Json]:
    """All of them, the newest first."""
    asked = query_of(request, NoteQuery)
    await at_head(queries, member, "notes", "tasks")
    rows = await all_in(
        queries.database, LISTED, workspace=space_of(member), wanted=wanted_of(asked)
    )
    return [shown_note(row.number, row, row.created_at, row.updated_at) for row in rows]


@get("/{note:str}")
async def one_note(
    note: FromPath[str], member: NamedDependency[Caller], handler: NamedDependency[Handler]
) -> Json:
    return shown(await found(handler, NOTES, member, note))


@put("/{note:str}")
async def change_note(
    request: WireRequest,
    note: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted = await body_of(request, NoteChanges)
    own = await found(handler, NOTES, command.caller, note)
    with missing_is("note"):
        return shown((await handler.handle(changes(own, wanted), command)).stream)


@delete("/{note:str}", status_code=204)
async def delete_note(
    note: FromPath[str],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> None:
    own = await found(handler, NOTES, command.caller, note)
    with missing_is("note"):
        await handler.handle([DeleteNote(stream=own.id)], command)


@contextmanager
def missing_is(noun: str) -> Iterator[None]:
    """What another request deleted meanwhile, in TaskFlow's words."""
    try:
        yield
    except NotFound:
        raise not_found(noun) from None


def changes(note: Stream[Note], wanted: NoteChanges) -> list[Command]:
    edit = EditNote(
        stream=note.id,
        title=kept(wanted.title),
        content=kept(wanted.content),
        category=kept(wanted.category),
    )
    if wanted.is_favorite is None:
        return [edit]
    return [edit, MarkNote(stream=note.id, favourite=wanted.is_favorite)]


def wanted_of(asked: NoteQuery) -> NoteFilter:
    category = asked.category or asked.category_filter
    return NoteFilter(
        categories=[category] if category else (),
        favourite=asked.is_favorite,
        text=asked.search,
    )


def shown(note: Stream[Note]) -> Json:
    assert note.created_at is not None, "it was created"
    assert note.updated_at is not None, "it was created"
    return shown_note(note.number, note.state, note.created_at, note.updated_at)


def shown_note(
    number: int, note: Note | NoteRow, created_at: datetime, updated_at: datetime
) -> Json:
    return {
        "id": number,
        "title": note.title,
        "content": note.content,
        "category": note.category,
        "is_favorite": note.favourite,
        "created_at": shown_moment(created_at),
        "updated_at": shown_moment(updated_at),
    }


NOTE_ROUTES = Router(
    path="/notes", route_handlers=[create_note, list_notes, one_note, change_note, delete_note]
)
