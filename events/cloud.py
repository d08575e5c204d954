"""The public form of a recorded fact: CloudEvents 1.0 JSON, the same on every channel.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md; extension
names are lower-case letters and digits only, as that specification demands.
"""

from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from events.base import Fact
from events.codec import decode_fact, encode_fact
from events.envelope import Erased, Metadata, Recorded, Unreadable


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as the stream, the audit API, WebSocket, SSE and NATS show it.

    `data` is absent when it was erased, and when it is `unreadable`: damaged, or too large for
    the channel; the log then knows more. `workspace` is absent on an account's own events, which
    carry `account` instead.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    position: int
    streamversion: int
    recordedat: datetime
    workspace: UUID | None = None
    account: UUID | None = None
    actor: UUID | None = None
    correlationid: UUID
    causationid: UUID | None = None
    commandid: UUID
    traceparent: str | None = None
    unreadable: bool = False
    data: msgspec.Raw | UnsetType = UNSET


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CloudEvent)


@lru_cache(maxsize=4)
def source_of(log_id: UUID) -> str:
    return f"/logs/{log_id}"


def subject_of(prefix: str, recorded: Recorded) -> str:
    """The NATS subject; an account's own events never go under a workspace."""
    return f"{prefix}.events.{recorded.workspace or 'account'}.{recorded.topic}"


def to_cloud_event(recorded: Recorded, log_id: UUID) -> CloudEvent:
    metadata = recorded.metadata
    workspace = recorded.workspace
    assert recorded.recorded_at is not None, "only what is on the record is published"
    fact = recorded.fact
    return CloudEvent(
        specversion="1.0",
        id=str(recorded.position),
        source=source_of(log_id),
        type=recorded.topic,
        subject=f"{recorded.noun}/{recorded.stream}",
        time=recorded.occurred_at,
        position=recorded.position,
        streamversion=recorded.version,
        recordedat=recorded.recorded_at,
        workspace=workspace,
        account=None if workspace else recorded.owner,
        actor=metadata.actor,
        correlationid=metadata.correlation,
        causationid=metadata.causation,
        commandid=metadata.command,
        traceparent=metadata.traceparent,
        unreadable=isinstance(fact, Unreadable),
        data=_data(fact),
    )


def encode_cloud_event(recorded: Recorded, log_id: UUID) -> bytes:
    return _encoder.encode(to_cloud_event(recorded, log_id))


def decode_cloud_event(payload: bytes) -> Recorded:
    """The way back. The sealed client address is never published, so it is not in there."""
    event = _decoder.decode(payload)
    noun, _, stream = event.subject.partition("/")
    owner = event.workspace or event.account
    if owner is None or not event.type.startswith(noun + "."):
        raise msgspec.ValidationError(f"event {event.id} belongs to nobody or to another noun")
    return Recorded(
        stream=UUID(stream),
        version=event.streamversion,
        topic=event.type,
        fact=_fact(event),
        owner=owner,
        occurred_at=event.time,
        metadata=Metadata(
            command=event.commandid,
            correlation=event.correlationid,
            actor=event.actor,
            causation=event.causationid,
            traceparent=event.traceparent,
        ),
        position=event.position,
        recorded_at=event.recordedat,
    )


def _data(fact: Fact | Erased | Unreadable) -> msgspec.Raw | UnsetType:
    return UNSET if isinstance(fact, Erased | Unreadable) else msgspec.Raw(encode_fact(fact))


def _fact(event: CloudEvent) -> Fact | Erased | Unreadable:
    if event.unreadable:
        return Unreadable(event.type, "it was published as unreadable")
    return Erased(event.type) if event.data is UNSET else decode_fact(event.type, event.data)
