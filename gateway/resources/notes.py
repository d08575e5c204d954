"""A note as the native API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from gateway.resources.tags import TaskTag
from gateway.resources.text import LINE

Category = Annotated[str, Meta(min_length=1, max_length=50, pattern=LINE, examples=["ideas"])]


class NoteResource(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is Markdown. `archived_at` and `deleted_at` are null unless it is that."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    content: str | None
    category: str
    favourite: bool
    tags: list[TaskTag]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None
    version: int


class RenderedNote(NoteResource, frozen=True, kw_only=True):
    """`content_html` is safe to show as it is."""

    content_html: str | None
