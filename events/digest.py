"""The tamper evidence of the log: one leaf an event, and a digest that chains them.

leaf   = sha256(0x00 ‖ position ‖ stream ‖ version ‖ len ‖ topic ‖ recorded_at ‖ occurred_at
                ‖ len ‖ state ‖ len ‖ metadata)
digest = sha256(previous digest ‖ leaf); the digest before position 1 is the log id's 16 bytes.

Integers are big-endian signed 64 bit, times are microseconds since 1970-01-01T00:00Z, `state`
and `metadata` are the stored (sealed) bytes. 0x00 is the leaf prefix of RFC 9162, 2.1.1, so a
Merkle tree can be built over the leaves. `infra/sql` computes the same in the append function;
the format is final.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Row(Protocol):
    """A stored event as the log holds it."""

    @property
    def id(self) -> int: ...
    @property
    def originator_id(self) -> UUID | str: ...
    @property
    def originator_version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def state(self) -> bytes: ...
    @property
    def metadata(self) -> bytes: ...


def first_digest(log_id: UUID) -> bytes:
    return log_id.bytes


def leaf_of(row: Row) -> bytes:
    return sha256(b"".join(_leaf_parts(row))).digest()


def next_digest(previous: bytes, leaf: bytes) -> bytes:
    return sha256(previous + leaf).digest()


def _leaf_parts(row: Row) -> Iterable[bytes]:
    stream, topic = row.originator_id, row.topic.encode()
    assert isinstance(stream, UUID)
    yield b"\x00" + _int8(row.id) + stream.bytes + _int8(row.originator_version)
    yield _int8(len(topic)) + topic
    yield _int8(_microseconds(row.recorded_at)) + _int8(_microseconds(row.occurred_at))
    yield _int8(len(row.state)) + row.state
    yield _int8(len(row.metadata)) + row.metadata


def _int8(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
