"""A file of an older system, whose bytes lie in a folder."""

from datetime import datetime
from uuid import UUID

import msgspec

from commands.base import Claim
from commands.file_types import BY_EXTENSION, BY_MEDIA_TYPE, checked_name
from commands.imports.items import Happened, Held, Item
from commands.imports.rows import Row
from commands.imports.tables import OldFile
from events.attachments import AttachmentAdded
from events.refusals import Invalid

OCTETS = "application/octet-stream"


class OldAttachment(msgspec.Struct, frozen=True, kw_only=True):
    row: Row
    stream: UUID
    workspace: UUID
    task: UUID
    uploader: UUID
    at: datetime
    path: str
    field: str
    name: str
    content_type: str | None
    size: int
    number: int | None = None
    claim: Claim | None = None


def attachment_file(old: OldAttachment) -> OldFile:
    name = _name(old)
    content_type = _content_type(name, old.content_type)

    def becomes(sha256: str) -> Item:
        added = AttachmentAdded(
            task=old.task,
            name=name,
            content_type=content_type,
            size=old.size,
            sha256=sha256,
            object_key=old.stream,
            number=old.number,
        )
        happened = Happened(
            stream=old.stream, owner=old.workspace, fact=added, at=old.at, actor=old.uploader
        )
        return Item(
            table=old.row.source.table,
            key=old.row.key,
            stream=old.stream,
            happened=[happened],
            claims=[Held(old.claim, old.stream)] if old.claim else [],
            account=old.uploader,
        )

    return OldFile(
        stream=old.stream, path=old.path, field=old.field, size=old.size, becomes=becomes
    )


def _name(old: OldAttachment) -> str:
    try:
        return checked_name(old.name)
    except Invalid as error:
        return old.row.refuse("original_filename", str(error))


def _content_type(name: str, said: str | None) -> str:
    """As its sender said, if we serve that type; else by its name; else just bytes."""
    media_type = (said or "").partition(";")[0].strip().lower()
    if media_type in BY_MEDIA_TYPE:
        return media_type
    by_name = BY_EXTENSION.get(name.rpartition(".")[2].lower())
    return by_name.media_type if by_name else OCTETS
