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
from events.envelope import ACCOUNT_NOUNS, Erased, Metadata, Recorded, Unreadable
from events.ids import id_in, quick
from events.topics import TOPICS


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


class _Head(msgspec.Struct, frozen=True):
    specversion: Literal["1.0"]
    type: str
    subject: str
    position: int
    streamversion: int
    workspace: UUID | None = None
    account: UUID | None = None
    unreadable: bool = False


class Published(msgspec.Struct, frozen=True):
    """An event as it came in a message, of which only `payload` is decoded that all look at."""

    stream: UUID
    version: int
    topic: str
    owner: UUID
    position: int
    payload: bytes

    @property
    def noun(self) -> str:
        return self.topic.partition(".")[0]

    @property
    def workspace(self) -> UUID | None:
        """None for an account's own events."""
        return None if self.noun in ACCOUNT_NOUNS else self.owner

    @property
    def fact(self) -> Fact | Erased | Unreadable:
        """Decoded each time. Raises for what is damaged."""
        return decode_cloud_event(self.payload).fact


Event = Recorded | Published

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CloudEvent)
_head = msgspec.json.Decoder(_Head)


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


def encode_cloud_event(event: Event, log_id: UUID) -> bytes:
    if isinstance(event, Published):
        return event.payload
    return _encoder.encode(to_cloud_event(event, log_id))


def decode_cloud_event(payload: bytes) -> Recorded:
    """The way back. The sealed client address is never published, so it is not in there."""
    event = _decoder.decode(payload)
    noun, _, stream = event.subject.partition("/")
    owner = event.workspace or event.account
    if owner is None or not event.type.startswith(noun + "."):
        raise msgspec.ValidationError(f"event {event.id} belongs to nobody or to another noun")
    return Recorded(
        stream=id_in(stream),
        version=event.streamversion,
        topic=event.type,
        fact=_fact(event),
        owner=quick(owner),
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


def receive_cloud_event(payload: bytes) -> Event:
    """For who passes events on: decoded no further than needed, but whole where the fact is of an
    older version, or of one that is not known here. Raises as `decode_cloud_event` does, and for
    what was published as unreadable."""
    head = _head.decode(payload)
    noun, _, stream = head.subject.partition("/")
    owner, fact = head.workspace or head.account, TOPICS.get(head.type)
    is_of_today = fact and fact.class_version == 1 and b'"class_version"' not in payload
    if owner is None or not is_of_today or not head.type.startswith(noun + "."):
        return decode_cloud_event(payload)
    if head.unreadable:
        raise ValueError(f"event {head.position} was published as unreadable")
    return Published(
        id_in(stream), head.streamversion, head.type, quick(owner), head.position, payload
    )


def _data(fact: Fact | Erased | Unreadable) -> msgspec.Raw | UnsetType:
    return UNSET if isinstance(fact, Erased | Unreadable) else msgspec.Raw(encode_fact(fact))


def _fact(event: CloudEvent) -> Fact | Erased | Unreadable:
    if event.unreadable:
        return Unreadable(event.type, "it was published as unreadable")
    return Erased(event.type) if event.data is UNSET else decode_fact(event.type, event.data)
