"""Posts as lists and details show them, and how often each was seen."""

from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Recorded
from events.posts import PostCreated, PostEvent, PostStatus, ViewCounted, changes_by
from projections.table import (
    Key,
    Projection,
    Row,
    Table,
    born,
    by_stream,
    opens_stream,
    topics_of,
    touched,
)


class PostView(Row, frozen=True):
    """`version` and `position` are those of the last event; `tags` stand as they were added."""

    id: UUID
    workspace: UUID
    number: int
    title: str
    content: str
    status: PostStatus
    slug: str | None
    tags: tuple[UUID, ...]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    deleted_at: datetime | None
    version: int
    position: int


class ViewCountView(Row, frozen=True):
    """A row of its own, for it is written far more often than the post's, which is long."""

    post: UUID
    workspace: UUID
    views: int
    viewed_at: datetime
    position: int


def evolve_post(post: PostView | None, recorded: Recorded) -> PostView | None:
    fact, at = cast(PostEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, PostCreated):
        return PostView(
            **born(recorded),
            **changes_by(fact, (), None, at),
            status="draft",
            tags=(),
            published_at=None,
            deleted_at=None,
        )
    if post is None:  # its creation was erased
        return None
    changes = changes_by(fact, post.tags, post.published_at, at)
    return replace(post, **touched(recorded), **changes)


def by_post(recorded: Recorded) -> tuple[Key, ...]:
    return ((cast(ViewCounted, recorded.fact).post,),)


def evolve_views(row: ViewCountView | None, recorded: Recorded) -> ViewCountView:
    fact = cast(ViewCounted, recorded.fact)
    return ViewCountView(
        fact.post, recorded.owner, fact.count, recorded.occurred_at, recorded.position
    )


POSTS = Projection(
    name="posts",
    version=1,
    tables=(
        Table(
            name="posts",
            row=PostView,
            key=("id",),
            topics=topics_of("post"),
            keys=by_stream,
            evolve=evolve_post,
            is_first=opens_stream,
            indexes=("(workspace, created_at, id) WHERE deleted_at IS NULL", "(workspace, slug)"),
        ),
        Table(
            name="post_views",
            row=ViewCountView,
            key=("post",),
            topics=topics_of("view"),
            keys=by_post,
            evolve=evolve_views,
            is_first=opens_stream,
            indexes=("(workspace)",),
        ),
    ),
)
