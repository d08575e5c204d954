"""What a search looks through, and what it leaves out."""

from events.base import Fact
from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.envelope import Erased
from events.ids import new_id
from events.notes import NoteCreated, NoteDeleted, NoteEdited, NoteFavourited, NoteRestored
from events.posts import PostCreated, PostDeleted, PostEdited, PostPublished, PostRestored
from events.tasks import TaskCreated, TaskDeleted, TaskEdited, TaskRestored, TaskStarted
from projections.search import SEARCH, DocumentView
from tests.support.log import Log, append_facts
from tests.support.projections import WORKSPACE, Projected, fold_rows, projecting, rows_of, story

CREATED = TaskCreated(title="Write", description="the report")


def document_after(*facts: Fact) -> DocumentView:
    (document,) = fold_rows(SEARCH, story(CREATED, *facts))["documents"]
    assert isinstance(document, DocumentView)
    return document


def test_a_task_is_found_by_title_and_description() -> None:
    document = document_after()
    assert (document.noun, document.title, document.body) == ("task", "Write", "the report")


def test_an_edit_replaces_the_texts_that_it_names() -> None:
    document = document_after(TaskEdited(description=None), TaskEdited(title="Rewrite"))
    assert (document.title, document.body, document.position) == ("Rewrite", "", 3)


def test_what_leaves_the_texts_alone_leaves_the_document_alone() -> None:
    assert document_after(TaskEdited(priority="low"), TaskStarted()).position == 1


def test_a_deleted_task_is_not_found_until_it_is_restored() -> None:
    assert document_after(TaskDeleted()).deleted
    assert not document_after(TaskDeleted(), TaskRestored()).deleted


def test_a_comment_is_found_by_its_text_until_it_is_deleted() -> None:
    task = new_id()
    added, edited = CommentAdded(task=task, content="rust"), CommentEdited(content="brass")
    for facts, body, deleted in (
        ([added], "rust", False),
        ([added, edited], "brass", False),
        ([added, edited, CommentDeleted()], "", True),
    ):
        (document,) = fold_rows(SEARCH, story(*facts))["documents"]
        assert (document.noun, document.task, document.title) == ("comment", task, "")
        assert (document.body, document.deleted) == (body, deleted)


def test_a_note_is_found_by_title_and_content_until_it_is_deleted() -> None:
    created = NoteCreated(title="Ideas", content="brass")
    for facts, texts, deleted in (
        ([created], ("Ideas", "brass"), False),
        ([created, NoteEdited(title="Better", content=None)], ("Better", ""), False),
        ([created, NoteFavourited(), NoteEdited(category="work")], ("Ideas", "brass"), False),
        ([created, NoteDeleted()], ("Ideas", "brass"), True),
        ([created, NoteDeleted(), NoteRestored()], ("Ideas", "brass"), False),
    ):
        (document,) = fold_rows(SEARCH, story(*facts))["documents"]
        assert (document.noun, document.task) == ("note", None)
        assert ((document.title, document.body), document.deleted) == (texts, deleted)


def test_a_post_is_found_by_title_and_content_until_it_is_deleted() -> None:
    created = PostCreated(workspace=WORKSPACE, title="Hello", content="brass")
    for facts, texts, deleted in (
        ([created, PostPublished(slug="hello")], ("Hello", "brass"), False),
        ([created, PostEdited(content="rust")], ("Hello", "rust"), False),
        ([created, PostEdited(slug="hi")], ("Hello", "brass"), False),
        ([created, PostDeleted()], ("Hello", "brass"), True),
        ([created, PostDeleted(), PostRestored()], ("Hello", "brass"), False),
    ):
        (document,) = fold_rows(SEARCH, story(*facts))["documents"]
        assert (document.noun, document.task) == ("post", None)
        assert ((document.title, document.body), document.deleted) == (texts, deleted)


def test_an_erased_task_is_not_found() -> None:
    assert fold_rows(SEARCH, story(Erased("task.created"), TaskDeleted()))["documents"] == []


async def test_words_match_by_their_beginning_and_titles_rank_higher(log: Log) -> None:
    body, title, owner, projected = new_id(), new_id(), new_id(), Projected()
    mention = TaskCreated(title="Öffnen", description="Der Jahresabschluss")
    await append_facts(log, [mention], stream=body, owner=owner)
    heading = [TaskCreated(title="jahresabschluss prüfen")]
    done = await append_facts(log, heading, stream=title, owner=owner)
    async with projecting(log, SEARCH, projected):
        await projected.reach("search", done.last_position)
    found = await rows_of(
        log,
        "SELECT id FROM read.documents, to_tsquery('simple', 'jahres:*') q"
        " WHERE words @@ q AND NOT deleted ORDER BY ts_rank(words, q) DESC",
    )
    assert [row["id"] for row in found] == [title, body]
