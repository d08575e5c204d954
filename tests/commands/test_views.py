"""The rules of counting views."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.base import Stream
from commands.catalog import DECIDERS
from commands.posts import Post
from commands.views import VIEWS, CountView, view_of
from events.base import Fact, Role
from events.posts import ViewCounted, views_of
from events.refusals import NotFound
from tests.support.given import NOW, given

ME, HOME, POST = (uuid4() for _ in range(3))
MEMBERS: dict[UUID, Role] = {ME: "viewer"}
THERE = Post(workspace=HOME, title="Hello", content="text")


def decided(views: int, *facts: Fact, post: Post = THERE, owner: UUID = HOME) -> list[Fact]:
    related: dict[UUID, Stream[Any]] = {POST: Stream(id=POST, state=post, version=1, owner=owner)}
    command = view_of(POST, HOME, views)
    return given(VIEWS, list(facts)).when(command, ME, members=MEMBERS, related=related)


def test_the_first_view_makes_one() -> None:
    assert decided(1) == [ViewCounted(post=POST, count=1)]


def test_each_view_counts_on_from_the_last() -> None:
    before = [ViewCounted(post=POST, count=41, views=41), ViewCounted(post=POST, count=42)]
    assert decided(1, *before) == [ViewCounted(post=POST, count=43)]


def test_imported_views_count_at_once() -> None:
    assert decided(15) == [ViewCounted(post=POST, count=15, views=15)]


def test_the_newest_fact_alone_makes_the_state() -> None:
    facts = [ViewCounted(post=POST, count=1), ViewCounted(post=POST, count=2)]
    assert given(VIEWS, facts).state == given(VIEWS, facts[1:]).state
    assert VIEWS.newest


def test_what_is_deleted_or_elsewhere_is_not_seen() -> None:
    with pytest.raises(NotFound):
        decided(1, post=Post(workspace=HOME, deleted_at=NOW))
    with pytest.raises(NotFound):
        decided(1, post=Post())
    with pytest.raises(NotFound):
        decided(1, owner=uuid4())


def test_views_are_a_stream_beside_the_post_and_a_viewer_may_make_one() -> None:
    assert view_of(POST, HOME).stream == views_of(POST) != POST
    assert VIEWS.reads(view_of(POST, HOME)) == {POST: "post"}
    assert DECIDERS[CountView] is VIEWS
    assert VIEWS.roles[CountView] == "viewer"
