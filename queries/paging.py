"""Keyset pages: where the next one begins, in a form that clients pass back unread."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from events.refusals import Gone, Invalid

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """`next_cursor` is null on the last page."""

    items: list[T]
    next_cursor: str | None


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last row shown: the text of what it is sorted by, and its id. `query` tells a cursor
    of one list from one of another."""

    log: UUID
    query: str
    key: str
    id: UUID


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Cursor)


def encode(cursor: Cursor) -> str:
    return urlsafe_b64encode(_encoder.encode(cursor)).decode().rstrip("=")


def decode(text: str, *, log: UUID, query: str) -> Cursor:
    """Raises `Invalid` for what is no cursor of this list, `Gone` for one of another log."""
    try:
        cursor = _decoder.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.MsgspecError):
        raise Invalid("is not a cursor of this list", field="cursor") from None
    if cursor.log != log:
        raise Gone("this cursor belongs to another log; start again", field="cursor")
    if cursor.query != query:
        raise Invalid("belongs to a list with another order", field="cursor")
    return cursor


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """Lists ask for one row more than they show; whether there was one."""
    return rows[:limit], len(rows) > limit


def moment_of(cursor: Cursor) -> datetime:
    """What a list by time is sorted by. Raises `Invalid`."""
    try:
        moment = datetime.fromisoformat(cursor.key)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid("is not a cursor of this list", field="cursor")


def number_of(cursor: Cursor) -> int:
    """What a list by position is sorted by. Raises `Invalid`."""
    if not (cursor.key.isascii() and cursor.key.isdigit() and len(cursor.key) < 19):
        raise Invalid("is not a cursor of this list", field="cursor")
    return int(cursor.key)
