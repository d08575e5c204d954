"""How a recorded fact becomes stored bytes and back: encoded, upcast, sealed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import (
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
)

from events.base import Fact
from events.envelope import Caller, Erased, Json, Metadata, Recorded, Unreadable
from events.refusals import TooLarge
from events.sealing import SealBroken, seal, unseal
from events.topics import TOPIC_OF, TOPICS, UPCASTS

KeyOf = Callable[[UUID], AESGCM | None]
MAX_STATE_BYTES = 256 << 10

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Fact], msgspec.json.Decoder[Fact]] = {
    fact: msgspec.json.Decoder(fact) for fact in TOPICS.values()
}
_json = msgspec.json.Decoder(Json)
_metadata = msgspec.json.Decoder(Metadata)
_client = msgspec.json.Decoder(tuple[str | None, str | None])

_TRANSCODER = JSONTranscoder()  # the library wants one; ours is msgspec


class UnknownTopic(MapperDeserialisationError):
    """The topic, or its class version, is newer than this program."""


@dataclass(frozen=True)
class SealedEvent(StoredEvent):
    """A stored event on its way into the log."""

    owner: UUID
    occurred_at: datetime
    metadata: bytes


@dataclass(frozen=True)
class LogRow(Notification):
    """A stored event as read from the log."""

    owner: UUID
    occurred_at: datetime
    recorded_at: datetime
    metadata: bytes
    digest: bytes


def encode_fact(fact: Fact) -> bytes:
    """The state in clear: JSON, with `class_version` where that is above 1."""
    if fact.class_version == 1:
        return _encoder.encode(fact)
    state: Json = msgspec.to_builtins(fact)
    return _encoder.encode(state | {"class_version": fact.class_version})


def decode_fact(topic: str, state: bytes | msgspec.Raw) -> Fact:
    """The fact as today's class. Raises `UnknownTopic` for what only a newer program knows."""
    fact = TOPICS.get(topic)
    if fact is None:
        raise UnknownTopic(f"no fact is known by the topic {topic!r}")
    if fact.class_version == 1 and b'"class_version"' not in bytes(state):
        return _decoders[fact].decode(state)
    return _upcast(topic, fact, _json.decode(state))


def _upcast(topic: str, fact: type[Fact], state: Json) -> Fact:
    version = state.pop("class_version", 1)
    if version > fact.class_version:
        raise UnknownTopic(f"{topic} is of version {version}, newer than {fact.class_version}")
    for older in range(version, fact.class_version):
        state = UPCASTS[topic, older](state)
    return msgspec.convert(state, fact)


def sealed_client(caller: Caller, key: AESGCM | None) -> bytes | None:
    """The caller's address and user agent under the actor's key; None if neither is known."""
    if key is None or (caller.address is None and caller.user_agent is None):
        return None
    return seal(key, _encoder.encode((caller.address, caller.user_agent)), b"client")


def unsealed_client(metadata: Metadata, key: AESGCM | None) -> tuple[str | None, str | None]:
    if key is None or metadata.client is None:
        return None, None
    return _client.decode(unseal(key, metadata.client, b"client"))


class FactMapper(Mapper[UUID]):
    """The library's mapper for msgspec facts, sealed under their owner's key.

    `key_of` answers None for a key that is gone: the fact then reads as `Erased`.
    """

    def __init__(self, key_of: KeyOf) -> None:
        super().__init__(_TRANSCODER)
        self._key_of = key_of

    def to_stored_event(self, domain_event: Recorded) -> SealedEvent:  # type: ignore[override]
        fact, owner = domain_event.fact, domain_event.owner
        key = self._key_of(owner)
        if key is None or isinstance(fact, Erased | Unreadable):
            raise ValueError(f"cannot seal {domain_event.topic}: no key for its owner")
        topic = TOPIC_OF[type(fact)]
        place = _place(domain_event.stream, domain_event.version, topic)
        return SealedEvent(
            originator_id=domain_event.stream,
            originator_version=domain_event.version,
            topic=topic,
            state=seal(key, bounded_state(fact), place),
            owner=owner,
            occurred_at=domain_event.occurred_at,
            metadata=_encoder.encode(domain_event.metadata),
        )

    def to_domain_event(self, stored_event: LogRow) -> Recorded:  # type: ignore[override]
        row = stored_event
        stream = row.originator_id
        assert isinstance(stream, UUID)
        return Recorded(
            stream=stream,
            version=row.originator_version,
            topic=row.topic,
            fact=self._fact(row, stream),
            owner=row.owner,
            occurred_at=row.occurred_at,
            metadata=_metadata.decode(row.metadata),
            position=row.id,
            recorded_at=row.recorded_at,
        )

    def _fact(self, row: LogRow, stream: UUID) -> Fact | Erased:
        key = self._key_of(row.owner)
        if key is None:
            return Erased(row.topic)
        try:
            state = unseal(key, row.state, _place(stream, row.originator_version, row.topic))
            return decode_fact(row.topic, state)
        except SealBroken as error:
            raise MapperDeserialisationError(f"{_unread(row)}: {error}") from error
        except (msgspec.MsgspecError, KeyError) as error:  # their messages quote the state
            kind = type(error).__name__
            raise MapperDeserialisationError(f"{_unread(row)}: {kind}") from None


def _unread(row: LogRow) -> str:
    return f"cannot read the {row.topic} at position {row.id}"


def bounded_state(fact: Fact) -> bytes:
    """As `encode_fact`. Raises `TooLarge` naming the field."""
    state = encode_fact(fact)
    if len(state) > MAX_STATE_BYTES:
        fields: Json = msgspec.to_builtins(fact)
        largest = max(fields, key=lambda name: len(_encoder.encode(fields[name])))
        raise TooLarge(
            f"{largest} is too long: one change holds at most {MAX_STATE_BYTES} bytes as JSON",
            field=largest,
        )
    return state


def _place(stream: UUID, version: int, topic: str) -> bytes:
    return b"%s%d %s" % (stream.bytes, version, topic.encode())
