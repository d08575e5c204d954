"""How identifiers are made.

Those that are made here are asyncpg's UUID, as are all in rows: a `uuid.UUID` in C that keeps its
hash. Python's own is hashed, compared and printed in Python, and a command hashes some forty.
"""

import os
import time
from functools import lru_cache
from uuid import UUID, uuid5

from asyncpg.pgproto import pgproto

PERSONAL_WORKSPACE = UUID("7b0c7a54-8b1c-5d53-9d0a-6f8f6c1f3d52")
NUMBER_OFFSET = 1_000_000_000


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return pgproto.UUID(value.to_bytes(16, "big"))


def quick(id: UUID) -> UUID:
    """The same id, for one that will be looked up often."""
    return pgproto.UUID(id.bytes)


def id_in(text: str) -> UUID:
    """Of a text that we wrote ourselves. Raises `ValueError`."""
    return pgproto.UUID(text)


@lru_cache(maxsize=10_000)
def personal_workspace_of(account: UUID) -> UUID:
    return quick(uuid5(PERSONAL_WORKSPACE, account.hex))


def command_id_for(account: UUID, idempotency_key: str) -> UUID:
    return uuid5(account, idempotency_key)


def number_at(position: int) -> int:
    """The integer id of what the event at `position` created, for clients that need integers."""
    return NUMBER_OFFSET + position


def position_of(number: int) -> int | None:
    """The creating event's position, or None for a number below the range of those born here."""
    return number - NUMBER_OFFSET if number > NUMBER_OFFSET else None
