"""The rules of a note."""

from typing import get_args
from uuid import UUID, uuid4

import pytest

from commands.catalog import DECIDERS
from commands.notes import (
    NOTES,
    ArchiveNote,
    CreateNote,
    DeleteNote,
    EditNote,
    MarkNote,
    NoteCommand,
    RestoreNote,
    RetagNote,
    TagNote,
    UnarchiveNote,
    UntagNote,
)
from commands.tagging import MAX_TAGS
from events.base import Fact, Role
from events.notes import (
    NoteArchived,
    NoteCreated,
    NoteDeleted,
    NoteEdited,
    NoteFavourited,
    NoteRestored,
    NoteTagged,
    NoteUnarchived,
    NoteUnfavourited,
    NoteUntagged,
)
from events.refusals import Conflict, Invalid, NotFound
from tests.support.given import given

ME, HOME, NOTE, RED, BLUE, GREEN = (uuid4() for _ in range(6))
MEMBERS: dict[UUID, Role] = {ME: "owner"}
CREATED = NoteCreated(title="Ideas", content="one")


def decided(command: NoteCommand, *facts: Fact) -> list[Fact]:
    return given(NOTES, list(facts)).when(command, ME, members=MEMBERS)


def tagged(*tags: UUID) -> list[Fact]:
    return [NoteTagged(tag=tag) for tag in tags]


def test_a_note_is_created_with_what_it_was_given() -> None:
    command = CreateNote(
        stream=NOTE,
        workspace=HOME,
        title="Ideas",
        content="one",
        category="work",
        favourite=True,
        tags=(RED, BLUE),
        number=17,
    )
    assert decided(command) == [
        NoteCreated(title="Ideas", content="one", category="work", number=17),
        NoteFavourited(),
        *tagged(RED, BLUE),
    ]


def test_a_plain_note_is_general_and_no_favourite() -> None:
    assert decided(CreateNote(stream=NOTE, workspace=HOME, title="Ideas")) == [
        NoteCreated(title="Ideas", content=None, category="general")
    ]


def test_a_note_cannot_be_created_twice() -> None:
    with pytest.raises(Conflict):
        decided(CreateNote(stream=NOTE, workspace=HOME, title="Ideas"), CREATED)


def test_an_edit_says_only_what_changed() -> None:
    command = EditNote(stream=NOTE, title="Ideas", content=None, category="work")
    assert decided(command, CREATED) == [NoteEdited(content=None, category="work")]


def test_an_edit_to_what_is_so_already_is_nothing() -> None:
    assert decided(EditNote(stream=NOTE, title="Ideas"), CREATED) == []


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (MarkNote(stream=NOTE, favourite=True), [], [NoteFavourited()]),
        (MarkNote(stream=NOTE, favourite=True), [NoteFavourited()], []),
        (MarkNote(stream=NOTE, favourite=False), [NoteFavourited()], [NoteUnfavourited()]),
        (MarkNote(stream=NOTE, favourite=False), [], []),
        (ArchiveNote(stream=NOTE), [], [NoteArchived()]),
        (ArchiveNote(stream=NOTE), [NoteArchived()], []),
        (UnarchiveNote(stream=NOTE), [NoteArchived()], [NoteUnarchived()]),
        (UnarchiveNote(stream=NOTE), [], []),
        (DeleteNote(stream=NOTE), [], [NoteDeleted()]),
        (RestoreNote(stream=NOTE), [NoteDeleted()], [NoteRestored()]),
        (RestoreNote(stream=NOTE), [], []),
        (TagNote(stream=NOTE, tag=RED), [], tagged(RED)),
        (TagNote(stream=NOTE, tag=RED), tagged(RED), []),
        (UntagNote(stream=NOTE, tag=RED), tagged(RED), [NoteUntagged(tag=RED)]),
        (UntagNote(stream=NOTE, tag=RED), tagged(BLUE), []),
    ],
)
def test_what_happens_once_is_not_said_twice(
    command: NoteCommand, before: list[Fact], after: list[Fact]
) -> None:
    assert decided(command, CREATED, *before) == after


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ((RED, BLUE), (BLUE, RED)),
        ((RED, BLUE, GREEN), (RED, GREEN)),
        ((RED,), (GREEN, RED, BLUE)),
        ((RED, BLUE), (RED, BLUE, RED)),
        ((RED, BLUE, RED), (RED, BLUE)),
        ((RED,), ()),
        ((), (RED, BLUE)),
    ],
)
def test_retagging_leaves_these_tags_in_this_order(
    before: tuple[UUID, ...], wanted: tuple[UUID, ...]
) -> None:
    known = [CREATED, *tagged(*before)]
    facts = decided(RetagNote(stream=NOTE, tags=wanted), *known)
    assert given(NOTES, [*known, *facts]).state.tags == wanted


def test_retagging_to_the_same_tags_is_nothing() -> None:
    command = RetagNote(stream=NOTE, tags=(RED, BLUE))
    assert decided(command, CREATED, *tagged(RED, BLUE)) == []


def test_a_note_has_room_for_so_many_tags() -> None:
    many = tuple(uuid4() for _ in range(MAX_TAGS + 1))
    assert len(decided(RetagNote(stream=NOTE, tags=many[:-1]), CREATED)) == MAX_TAGS
    with pytest.raises(Invalid) as refused:
        decided(RetagNote(stream=NOTE, tags=many), CREATED)
    assert refused.value.code == "too-many-tags"


@pytest.mark.parametrize(
    "command",
    [
        EditNote(stream=NOTE, title="New"),
        MarkNote(stream=NOTE, favourite=True),
        ArchiveNote(stream=NOTE),
        TagNote(stream=NOTE, tag=RED),
        DeleteNote(stream=NOTE),
    ],
)
def test_a_deleted_note_cannot_be_changed(command: NoteCommand) -> None:
    with pytest.raises(NotFound):
        decided(command, CREATED, NoteDeleted())


def test_what_never_was_cannot_be_restored() -> None:
    with pytest.raises(NotFound):
        decided(RestoreNote(stream=NOTE))


def test_every_command_is_decided_by_notes_and_needs_a_member() -> None:
    for command in get_args(NoteCommand):
        assert DECIDERS[command] is NOTES
        assert NOTES.roles[command] == "member"
