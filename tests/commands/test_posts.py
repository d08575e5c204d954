"""The rules of a post."""

from typing import get_args
from uuid import UUID, uuid4

import pytest

from commands.base import Claim
from commands.catalog import DECIDERS
from commands.posts import (
    POSTS,
    ArchivePost,
    CreatePost,
    DeletePost,
    EditPost,
    PostCommand,
    PublishPost,
    RestorePost,
    RetagPost,
    TagPost,
    UnpublishPost,
    UntagPost,
)
from events.base import Fact, Role
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
)
from events.refusals import Conflict, NotFound
from tests.support.given import NOW, given

ME, HOME, POST, RED, BLUE = (uuid4() for _ in range(5))
MEMBERS: dict[UUID, Role] = {ME: "owner"}
CREATED = PostCreated(workspace=HOME, title="Hello, world", content="text")
PUBLISHED = PostPublished(slug="hello-world")


def decided(command: PostCommand, *facts: Fact) -> list[Fact]:
    return given(POSTS, list(facts)).when(command, ME, members=MEMBERS)


def claimed(event: Fact, *before: Fact) -> list[Claim]:
    return list(POSTS.claims(given(POSTS, list(before)).state, event))


def creation(**wanted: object) -> CreatePost:
    fields: dict[str, object] = {"title": "Hello, world", "content": "text", **wanted}
    return CreatePost(stream=POST, workspace=HOME, **fields)  # type: ignore[arg-type]


def test_a_post_is_created_as_a_draft_without_a_slug() -> None:
    assert decided(creation()) == [CREATED]


def test_a_post_can_be_created_tagged_and_published() -> None:
    assert decided(creation(status="published", tags=(RED,), number=3)) == [
        PostCreated(workspace=HOME, title="Hello, world", content="text", number=3),
        PostTagged(tag=RED),
        PUBLISHED,
    ]


def test_a_post_can_be_created_archived_and_is_not_published_by_that() -> None:
    facts = decided(creation(status="archived"))
    assert facts == [CREATED, PostArchived()]
    state = given(POSTS, facts).state
    assert (state.status, state.slug, state.published_at) == ("archived", None, None)


def test_a_post_cannot_be_created_twice() -> None:
    with pytest.raises(Conflict):
        decided(creation(), CREATED)


def test_a_chosen_slug_is_the_one_it_is_published_under() -> None:
    facts = decided(creation(slug="greeting", status="published", slug_number=4))
    assert facts[-1] == PostPublished(slug="greeting")


def test_a_slug_is_made_of_the_title_when_it_is_first_published() -> None:
    assert decided(PublishPost(stream=POST), CREATED) == [PUBLISHED]
    assert decided(PublishPost(stream=POST, slug_number=2), CREATED) == [
        PostPublished(slug="hello-world-2")
    ]


def test_a_slug_stays_whatever_becomes_of_the_title() -> None:
    facts = [CREATED, PUBLISHED, PostUnpublished(), PostEdited(title="Good bye")]
    assert decided(PublishPost(stream=POST), *facts) == [PUBLISHED]


def test_a_slug_can_be_chosen_until_the_post_was_published() -> None:
    command = EditPost(stream=POST, slug="mine")
    assert decided(command, CREATED) == [PostEdited(slug="mine")]
    with pytest.raises(Conflict) as refused:
        decided(command, CREATED, PUBLISHED, PostUnpublished())
    assert refused.value.code == "slug-settled"
    assert decided(EditPost(stream=POST, slug="hello-world"), CREATED, PUBLISHED) == []


def test_a_post_was_published_when_it_first_was() -> None:
    assert given(POSTS, [CREATED, PUBLISHED]).state.published_at == NOW
    assert given(POSTS, [CREATED]).state.published_at is None


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (PublishPost(stream=POST), [PUBLISHED], []),
        (PublishPost(stream=POST), [PUBLISHED, PostArchived()], [PUBLISHED]),
        (UnpublishPost(stream=POST), [PUBLISHED], [PostUnpublished()]),
        (UnpublishPost(stream=POST), [PostArchived()], [PostUnpublished()]),
        (UnpublishPost(stream=POST), [], []),
        (ArchivePost(stream=POST), [], [PostArchived()]),
        (ArchivePost(stream=POST), [PostArchived()], []),
        (EditPost(stream=POST, title="New", content="text"), [], [PostEdited(title="New")]),
        (EditPost(stream=POST, content="text"), [], []),
        (TagPost(stream=POST, tag=RED), [], [PostTagged(tag=RED)]),
        (TagPost(stream=POST, tag=RED), [PostTagged(tag=RED)], []),
        (UntagPost(stream=POST, tag=RED), [PostTagged(tag=RED)], [PostUntagged(tag=RED)]),
        (UntagPost(stream=POST, tag=BLUE), [PostTagged(tag=RED)], []),
        (RetagPost(stream=POST, tags=(RED,)), [PostTagged(tag=RED)], []),
        (DeletePost(stream=POST), [], [PostDeleted()]),
        (RestorePost(stream=POST), [PostDeleted()], [PostRestored()]),
        (RestorePost(stream=POST), [], []),
    ],
)
def test_what_happens_once_is_not_said_twice(
    command: PostCommand, before: list[Fact], after: list[Fact]
) -> None:
    assert decided(command, CREATED, *before) == after


@pytest.mark.parametrize(
    "command",
    [PublishPost(stream=POST), EditPost(stream=POST, title="New"), DeletePost(stream=POST)],
)
def test_a_deleted_post_cannot_be_changed(command: PostCommand) -> None:
    with pytest.raises(NotFound):
        decided(command, CREATED, PostDeleted())


def test_what_never_was_cannot_be_restored() -> None:
    with pytest.raises(NotFound):
        decided(RestorePost(stream=POST))


def test_a_slug_is_claimed_in_its_workspace() -> None:
    assert claimed(PUBLISHED, CREATED) == [Claim("slug", "hello-world", HOME)]
    chosen = PostCreated(workspace=HOME, title="Hello", content="text", slug="mine")
    assert claimed(chosen) == [Claim("slug", "mine", HOME)]


def test_another_slug_lets_the_first_one_go() -> None:
    chosen = PostCreated(workspace=HOME, title="Hello", content="text", slug="mine")
    assert claimed(PostEdited(slug="ours"), chosen) == [
        Claim("slug", "mine", HOME, release=True),
        Claim("slug", "ours", HOME),
    ]


def test_a_slug_that_it_has_is_not_claimed_again() -> None:
    assert claimed(PUBLISHED, CREATED, PUBLISHED, PostUnpublished()) == []
    assert claimed(PostEdited(title="New"), CREATED, PUBLISHED) == []
    assert claimed(PostDeleted(), CREATED, PUBLISHED) == []


def test_every_command_is_decided_by_posts_and_needs_a_member() -> None:
    for command in get_args(PostCommand):
        assert DECIDERS[command] is POSTS
        assert POSTS.roles[command] == "member"
