"""What an append to the log asks for and what becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from events.codec import SealedEvent
from events.envelope import Caller
from events.refusals import Unauthenticated


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds the commands of one call.

    `replayable` says that `command_id` may have been used before. `if_match` is the version that
    the last command's stream must have, None for any; `versions` are those of more streams.
    `occurred_at` is when it happened, None for now. `fingerprint` tells apart two requests with
    the same idempotency key.
    """

    caller: Caller
    command_id: UUID
    correlation: UUID
    fingerprint: bytes = b""
    replayable: bool = False
    if_match: int | None = None
    versions: Mapping[UUID, int] = {}
    causation: UUID | None = None
    traceparent: str | None = None
    occurred_at: datetime | None = None
    background: bool = False

    @property
    def account(self) -> UUID:
        """The signed-in caller's. Raises `Unauthenticated` where nobody is."""
        if self.caller.account is None:
            raise Unauthenticated("sign in first")
        return self.caller.account


class Guard(msgspec.Struct, frozen=True, array_like=True):
    """A stream that must still be at this version, although nothing is appended to it."""

    stream: UUID
    version: int


class ClaimChange(msgspec.Struct, frozen=True, array_like=True):
    """Hold a unique value for a stream, or let go of it."""

    key: bytes
    stream: UUID
    release: bool = False


class SecretChange(msgspec.Struct, frozen=True, array_like=True):
    """Set a secret beside the log; None deletes it."""

    owner: UUID
    kind: str
    value: bytes | None


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """One command's effects: all of them or none. `stream` and `version` name what it answers."""

    command_id: UUID
    account: UUID | None
    fingerprint: bytes
    stream: UUID
    version: int
    events: Sequence[SealedEvent] = ()
    guards: Sequence[Guard] = ()
    claims: Sequence[ClaimChange] = ()
    secrets: Sequence[SecretChange] = ()


class Appended(msgspec.Struct, frozen=True):
    """What became of one `Append`.

    On `duplicate` the other fields are those of the first time. On `conflict` and `claimed`,
    `stream` is the one that moved on or that wanted the value, and `fingerprint` the claim's key;
    the rest is None.
    """

    outcome: Literal["ok", "duplicate", "conflict", "claimed"]
    fingerprint: bytes
    last_position: int
    event_count: int
    stream: UUID
    version: int
    recorded_at: datetime


class CommandRecord(msgspec.Struct, frozen=True):
    """What a command did. `last_position` is the head of its moment when it changed nothing."""

    fingerprint: bytes
    last_position: int
    event_count: int
    stream: UUID
    version: int
    recorded_at: datetime

    @property
    def first_position(self) -> int:
        return self.last_position - self.event_count + 1
