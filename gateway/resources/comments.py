"""A comment as the native API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from gateway.resources.text import LINES

CommentText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=10_000,
        pattern=LINES,
        description="Markdown. `@username` tells that member of the workspace.",
        examples=["Looks **good**, @eve"],
    ),
]


class CommentResource(msgspec.Struct, frozen=True, kw_only=True):
    """`content_html` is safe to show as it is; a deleted comment keeps its place in lists but
    neither text. `author` is null for what no account wrote."""

    id: UUID
    number: int
    workspace: UUID
    task: UUID
    author: UUID | None
    content: str | None
    content_html: str | None
    mentions: list[UUID]
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int
