"""A file on a task as the native API shows it."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import msgspec


class AttachmentResource(msgspec.Struct, frozen=True, kw_only=True):
    """`size` is in bytes, `sha256` in hexadecimal. `uploader` is null for what no account sent."""

    id: UUID
    number: int
    workspace: UUID
    task: UUID
    uploader: UUID | None
    name: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    version: int


class AttachmentsAdded(msgspec.Struct, frozen=True, kw_only=True):
    """In the order in which they were sent."""

    items: list[AttachmentResource]


class AttachmentLink(msgspec.Struct, frozen=True, kw_only=True):
    """`url` needs no token; whoever has it can download the file until it expires."""

    url: str
    expires_at: datetime


def disposition(name: str) -> str:
    """A download under this name, whatever its letters (RFC 6266, RFC 8187)."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_"
        for letter in name
    )
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'


def content_headers(name: str, content_type: str) -> dict[str, str]:
    """Nothing that was uploaded runs or shows as a page of ours."""
    return {
        "Content-Type": content_type,
        "Content-Disposition": disposition(name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
    }
