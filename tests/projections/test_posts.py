"""What each event does to the post that lists show, and to its count of views."""

from datetime import timedelta

from events.base import Fact
from events.envelope import Erased
from events.ids import NUMBER_OFFSET, new_id
from events.posts import (
    PostArchived,
    PostCreated,
    PostDeleted,
    PostEdited,
    PostPublished,
    PostRestored,
    PostTagged,
    PostUnpublished,
    PostUntagged,
    ViewCounted,
    views_of,
)
from projections.posts import POSTS, PostView, ViewCountView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

CREATED = PostCreated(workspace=WORKSPACE, title="Hello", content="First **post**")
PUBLISHED = PostPublished(slug="hello")


def post_after(*facts: Fact) -> PostView:
    (post,) = fold_rows(POSTS, story(CREATED, *facts))["posts"]
    assert isinstance(post, PostView)
    return post


def test_a_created_post_is_a_draft_numbered_by_its_position() -> None:
    (created,) = story(CREATED, first=7)
    (post,) = fold_rows(POSTS, [created])["posts"]
    assert post == PostView(
        id=created.stream,
        workspace=WORKSPACE,
        number=NUMBER_OFFSET + 7,
        title="Hello",
        content="First **post**",
        status="draft",
        slug=None,
        tags=(),
        created_by=ACTOR,
        created_at=NOON,
        updated_at=NOON,
        published_at=None,
        deleted_at=None,
        version=1,
        position=7,
    )


def test_an_imported_post_keeps_its_old_number() -> None:
    created = PostCreated(workspace=WORKSPACE, title="Old", content="text", number=3)
    (post,) = fold_rows(POSTS, story(created))["posts"]
    assert isinstance(post, PostView)
    assert post.number == 3


def test_an_edit_changes_what_it_names_and_the_version() -> None:
    post = post_after(PostEdited(title="Hi", slug="hi"))
    assert (post.title, post.content, post.slug) == ("Hi", "First **post**", "hi")
    assert (post.version, post.updated_at) == (2, NOON + timedelta(hours=1))


def test_a_post_was_published_when_it_first_was() -> None:
    first = NOON + timedelta(hours=1)
    once = post_after(PUBLISHED)
    assert (once.status, once.slug, once.published_at) == ("published", "hello", first)
    again = post_after(PUBLISHED, PostUnpublished(), PUBLISHED)
    assert (again.status, again.slug, again.published_at) == ("published", "hello", first)


def test_a_post_that_is_unpublished_or_archived_keeps_its_slug() -> None:
    assert post_after(PUBLISHED, PostUnpublished()).status == "draft"
    archived = post_after(PUBLISHED, PostArchived())
    assert (archived.status, archived.slug) == ("archived", "hello")


def test_tags_stand_in_the_order_in_which_they_came() -> None:
    red, blue = new_id(), new_id()
    tagged = [PostTagged(tag=red), PostTagged(tag=blue)]
    assert post_after(*tagged).tags == (red, blue)
    assert post_after(*tagged, PostUntagged(tag=red)).tags == (blue,)


def test_a_deleted_post_keeps_its_row_until_it_is_restored() -> None:
    assert post_after(PostDeleted()).deleted_at == NOON + timedelta(hours=1)
    assert post_after(PostDeleted(), PostRestored()).deleted_at is None


def test_a_post_whose_creation_was_erased_has_no_row() -> None:
    assert fold_rows(POSTS, story(Erased("post.created"), PUBLISHED))["posts"] == []


def test_views_are_counted_beside_the_post_which_stays_as_it_is() -> None:
    created = story(CREATED)
    post = created[0].stream
    seen = story(
        ViewCounted(post=post, count=41, views=41),
        ViewCounted(post=post, count=42),
        stream=views_of(post),
        first=2,
    )
    rows = fold_rows(POSTS, [*created, *seen])
    assert rows["posts"] == fold_rows(POSTS, created)["posts"]
    assert rows["post_views"] == [
        ViewCountView(post, WORKSPACE, 42, NOON + timedelta(hours=1), position=3)
    ]
