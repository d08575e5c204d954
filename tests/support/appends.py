"""Appends made by hand, for tests of the log itself: their states are sealed for nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from events.append import Append, ClaimChange, Guard, SecretChange
from events.codec import SealedEvent
from events.envelope import Metadata
from events.ids import new_id

OWNER = new_id()


def an_event(
    stream: UUID, version: int, command: UUID, *, topic: str = "task.started", size: int = 200
) -> SealedEvent:
    return SealedEvent(
        originator_id=stream,
        originator_version=version,
        topic=topic,
        state=b"\x01" * size,
        owner=OWNER,
        occurred_at=datetime(2026, 3, 1, tzinfo=UTC),
        metadata=msgspec.json.encode(Metadata(command=command, correlation=command)),
    )


def an_append(
    stream: UUID | None = None,
    *,
    after: int = 0,
    count: int = 1,
    command: UUID | None = None,
    account: UUID | None = None,
    guards: Sequence[Guard] = (),
    claims: Sequence[ClaimChange] = (),
    secrets: Sequence[SecretChange] = (),
    topic: str = "task.started",
    size: int = 200,
) -> Append:
    """So many events on one stream, whose version is `after`."""
    stream, command = stream or new_id(), command or new_id()
    return Append(
        command_id=command,
        account=account,
        fingerprint=b"fingerprint",
        stream=stream,
        version=after + count,
        events=[
            an_event(stream, after + number, command, topic=topic, size=size)
            for number in range(1, count + 1)
        ],
        guards=guards,
        claims=claims,
        secrets=secrets,
    )
