"""A post as the native API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from events.posts import PostStatus
from gateway.resources.tags import TaskTag
from gateway.resources.text import END, LINES

Slug = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern="^[a-z0-9]+(-[a-z0-9]+)*" + END,
        description="Unique in the workspace.",
        examples=["buy-milk"],
    ),
]
PostText = Annotated[
    str,
    Meta(min_length=1, max_length=50_000, pattern=LINES, examples=["Two litres, **oat**."]),
]


class PostResource(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is Markdown. `slug` is made from the title when it is first published, at
    `published_at`, unless one was chosen; then it stays. `views` leave the version as it is."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    content: str
    status: PostStatus
    slug: str | None
    tags: list[TaskTag]
    views: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    deleted_at: datetime | None
    version: int


class RenderedPost(PostResource, frozen=True, kw_only=True):
    """`content_html` is safe to show as it is."""

    content_html: str


class PostViews(msgspec.Struct, frozen=True):
    """How often the post was seen, this time included."""

    post: UUID
    views: int
