"""What each event does to the note that lists show."""

from datetime import timedelta

from events.base import Fact
from events.envelope import Erased
from events.ids import NUMBER_OFFSET, new_id
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
from projections.notes import NOTES, NoteView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

CREATED = NoteCreated(title="Ideas", content="- **one**", category="work")


def note_after(*facts: Fact) -> NoteView:
    (note,) = fold_rows(NOTES, story(CREATED, *facts))["notes"]
    assert isinstance(note, NoteView)
    return note


def test_a_created_note_is_numbered_by_its_position() -> None:
    (created,) = story(CREATED, first=7)
    (note,) = fold_rows(NOTES, [created])["notes"]
    assert note == NoteView(
        id=created.stream,
        workspace=WORKSPACE,
        number=NUMBER_OFFSET + 7,
        title="Ideas",
        content="- **one**",
        category="work",
        favourite=False,
        tags=(),
        created_by=ACTOR,
        created_at=NOON,
        updated_at=NOON,
        archived_at=None,
        deleted_at=None,
        version=1,
        position=7,
    )


def test_an_imported_note_keeps_its_old_number() -> None:
    (note,) = fold_rows(NOTES, story(NoteCreated(title="Old", number=17)))["notes"]
    assert isinstance(note, NoteView)
    assert note.number == 17


def test_an_edit_changes_what_it_names_and_the_version() -> None:
    note = note_after(NoteEdited(title="Better", content=None))
    assert (note.title, note.content, note.category) == ("Better", None, "work")
    assert (note.version, note.position) == (2, 2)
    assert (note.created_at, note.updated_at) == (NOON, NOON + timedelta(hours=1))


def test_a_favourite_stays_one_until_it_is_none_any_more() -> None:
    assert note_after(NoteFavourited()).favourite
    assert not note_after(NoteFavourited(), NoteUnfavourited()).favourite


def test_archiving_and_deleting_leave_the_row_and_are_undone() -> None:
    assert note_after(NoteArchived()).archived_at == NOON + timedelta(hours=1)
    assert note_after(NoteArchived(), NoteUnarchived()).archived_at is None
    assert note_after(NoteDeleted()).deleted_at == NOON + timedelta(hours=1)
    assert note_after(NoteDeleted(), NoteRestored()).deleted_at is None


def test_tags_stand_in_the_order_in_which_they_came() -> None:
    red, blue = new_id(), new_id()
    assert note_after(NoteTagged(tag=red), NoteTagged(tag=blue)).tags == (red, blue)
    assert note_after(NoteTagged(tag=red), NoteTagged(tag=blue), NoteUntagged(tag=red)).tags == (
        blue,
    )


def test_a_note_whose_creation_was_erased_has_no_row() -> None:
    erased = story(Erased("note.created"), NoteFavourited())
    assert fold_rows(NOTES, erased)["notes"] == []
