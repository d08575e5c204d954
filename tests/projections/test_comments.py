"""What each event does to the comment that a task's page shows."""

from datetime import timedelta

from events.base import Fact
from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.envelope import Erased
from events.ids import NUMBER_OFFSET, new_id
from projections.comments import COMMENTS, CommentView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

TASK, EVE, BOB = new_id(), new_id(), new_id()
ADDED = CommentAdded(task=TASK, content="See **this**, @eve", mentions=(EVE,))


def comment_after(*facts: Fact) -> CommentView:
    (comment,) = fold_rows(COMMENTS, story(ADDED, *facts))["comments"]
    assert isinstance(comment, CommentView)
    return comment


def test_a_comment_knows_its_task_and_author() -> None:
    comment = comment_after()
    assert (comment.task, comment.author, comment.workspace) == (TASK, ACTOR, WORKSPACE)
    assert (comment.content, comment.number) == ("See **this**, @eve", NUMBER_OFFSET + 1)
    assert (comment.created_at, comment.edited_at, comment.version) == (NOON, None, 1)


def test_an_edit_replaces_the_text_and_adds_whom_it_mentions() -> None:
    comment = comment_after(CommentEdited(content="Never mind, @bob", mentions=(BOB,)))
    assert (comment.content, comment.mentions) == ("Never mind, @bob", (EVE, BOB))
    assert (comment.created_at, comment.edited_at) == (NOON, NOON + timedelta(hours=1))


def test_a_deleted_comment_keeps_its_place_and_loses_its_text() -> None:
    comment = comment_after(CommentDeleted())
    assert (comment.content, comment.deleted_at) == (None, NOON + timedelta(hours=1))
    assert comment.created_at == NOON


def test_an_erased_comment_is_not_there() -> None:
    assert fold_rows(COMMENTS, story(Erased("comment.added"), CommentDeleted()))["comments"] == []
