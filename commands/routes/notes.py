"""The note commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType, field
from msgspec.structs import asdict

from commands.base import Command, Stream
from commands.handler import Handler, Outcome
from commands.notes import (
    NOTES,
    ArchiveNote,
    CreateNote,
    DeleteNote,
    EditNote,
    MarkNote,
    Note,
    RestoreNote,
    RetagNote,
    TagNote,
    UnarchiveNote,
    UntagNote,
)
from commands.routes.answers import answer_with, empty_answer, origin_of
from commands.routes.tagging import TaggingBody, handle_tagging, owner_of, tags_shown
from commands.routes.task_bodies import TagNames
from commands.tagging import Tagging
from events.append import CommandRequest
from events.ids import new_id, personal_workspace_of
from events.notes import CATEGORY
from events.refusals import Invalid
from gateway.http import Body, changes_in
from gateway.resources.markdown import render
from gateway.resources.notes import Category, RenderedNote
from gateway.resources.text import Markdown, Title

NoteAnswer = Response[RenderedNote]


class NoteBody(Body, frozen=True):
    """A new note."""

    title: Title
    workspace: UUID | None = None
    content: Markdown | None = None
    category: Category = CATEGORY
    favourite: bool = False
    tags: TagNames = field(default_factory=list)


class NotePatch(Body, frozen=True):
    """A merge patch (RFC 7396): what is absent stays, null clears."""

    title: Title | UnsetType = UNSET
    content: Markdown | None | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    favourite: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    tags: TagNames | UnsetType = UNSET


@post("/notes", operation_id="createNote", status_code=201)
async def create_note(
    data: JSONBody[NoteBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Write a note, in your personal workspace unless you name another."""

    async def commands() -> list[Command]:
        workspace = data.workspace or personal_workspace_of(command_request.account)
        tagging = Tagging(handler)
        created = CreateNote(
            stream=new_id(),
            workspace=workspace,
            title=data.title.strip(),
            content=data.content,
            category=data.category.strip(),
            favourite=data.favourite,
            tags=await tagging.once(workspace, data.tags),
        )
        return [*tagging.commands, created]

    outcome = await handle_tagging(handler, commands, command_request)
    return await note_answer(handler, outcome, status=201)


@patch("/notes/{note:uuid}", operation_id="editNote")
async def edit_note(
    note: FromPath[UUID],
    data: JSONBody[NotePatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Change a note by a merge patch. What changes nothing appends nothing."""
    outcome = await handle_tagging(handler, lambda: changes(handler, note, data), command_request)
    return await note_answer(handler, outcome)


@put("/notes/{note:uuid}/favourite", operation_id="favourNote")
async def favour_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Make it a favourite."""
    return await one(handler, MarkNote(stream=note, favourite=True), command_request)


@delete("/notes/{note:uuid}/favourite", operation_id="unfavourNote", status_code=200)
async def unfavour_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """It is no favourite any more."""
    return await one(handler, MarkNote(stream=note, favourite=False), command_request)


@post("/notes/{note:uuid}/archive", operation_id="archiveNote", status_code=200)
async def archive_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Put it away. It can still be found and changed."""
    return await one(handler, ArchiveNote(stream=note), command_request)


@post("/notes/{note:uuid}/unarchive", operation_id="unarchiveNote", status_code=200)
async def unarchive_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Take it out again."""
    return await one(handler, UnarchiveNote(stream=note), command_request)


@post("/notes/{note:uuid}/tags", operation_id="tagNote", status_code=200)
async def tag_note(
    note: FromPath[UUID],
    data: JSONBody[TaggingBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Put a tag on it; a name that the workspace does not have yet is made."""

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        [tag] = await tagging.ids(await owner_of(handler, note, NOTES), [data.name])
        return [*tagging.commands, TagNote(stream=note, tag=tag)]

    return await note_answer(handler, await handle_tagging(handler, commands, command_request))


@delete("/notes/{note:uuid}/tags/{tag:uuid}", operation_id="untagNote", status_code=200)
async def untag_note(
    note: FromPath[UUID],
    tag: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Take a tag off it; one that is not on it changes nothing."""
    return await one(handler, UntagNote(stream=note, tag=tag), command_request)


@delete("/notes/{note:uuid}", operation_id="deleteNote", status_code=204)
async def delete_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Delete it. Its history stays, and it can be restored."""
    return empty_answer(await handler.handle([DeleteNote(stream=note)], command_request))


@post("/notes/{note:uuid}/restore", operation_id="restoreNote", status_code=200)
async def restore_note(
    note: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> NoteAnswer:
    """Undo a deletion."""
    return await one(handler, RestoreNote(stream=note), command_request)


async def changes(handler: Handler, note: UUID, patch: NotePatch) -> list[Command]:
    """The commands that a patch stands for. Raises `Invalid` for an empty one."""
    edited = dict(changes_in(patch, "title", "content", "category"))
    for line in {"title", "category"} & edited.keys():
        edited[line] = edited[line].strip()
    commands: list[Command] = [EditNote(stream=note, **edited)] if edited else []
    if patch.favourite is not UNSET:
        commands.append(MarkNote(stream=note, favourite=patch.favourite))
    if patch.archived is not UNSET:
        commands.append((ArchiveNote if patch.archived else UnarchiveNote)(stream=note))
    tagging = Tagging(handler)
    if patch.tags is not UNSET:
        workspace = await owner_of(handler, note, NOTES)
        tags = await tagging.once(workspace, patch.tags)
        commands.append(RetagNote(stream=note, tags=tags))
    if not commands:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    return [*tagging.commands, *commands]


async def one(handler: Handler, command: Command, request: CommandRequest) -> NoteAnswer:
    return await note_answer(handler, await handler.handle([command], request))


async def note_answer(handler: Handler, outcome: Outcome, *, status: int = 200) -> NoteAnswer:
    resource = await note_resource(handler, outcome.stream)
    return answer_with(resource, outcome, place="/v1/notes", status=status)


async def note_resource(handler: Handler, stream: Stream[Note]) -> RenderedNote:
    shown = asdict(stream.state)
    del shown["exists"]
    content = stream.state.content
    return RenderedNote(
        **{**origin_of(stream), **shown, "tags": await tags_shown(handler, stream.state.tags)},
        content_html=None if content is None else render(content),
    )


NOTE_ROUTES: list[Any] = [
    create_note,
    edit_note,
    favour_note,
    unfavour_note,
    archive_note,
    unarchive_note,
    tag_note,
    untag_note,
    delete_note,
    restore_note,
]
NOTE_COMMANDS = Router(path="/", route_handlers=NOTE_ROUTES, tags=["notes"])
