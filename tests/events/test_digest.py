"""The format of the log's tamper evidence; a change of any byte here breaks every log there is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from events.codec import LogRow
from events.digest import first_digest, leaf_of, next_digest


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event after the log's id; bytes are in hex, times in microseconds since 1970."""

    log_id: UUID
    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: int
    occurred_at: int
    state: str
    metadata: str
    leaf: str
    digest: str

    @property
    def row(self) -> LogRow:
        return LogRow(
            id=self.position,
            originator_id=self.stream,
            originator_version=self.version,
            topic=self.topic,
            state=bytes.fromhex(self.state),
            owner=self.stream,
            occurred_at=moment(self.occurred_at),
            recorded_at=moment(self.recorded_at),
            metadata=bytes.fromhex(self.metadata),
            digest=bytes.fromhex(self.digest),
        )


def moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


VECTORS = msgspec.json.decode(
    Path(__file__).with_name("digest_vectors.json").read_bytes(), type=list[Vector]
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.topic)
def test_a_leaf_is_the_hash_in_the_vector(vector: Vector) -> None:
    assert leaf_of(vector.row).hex() == vector.leaf


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.topic)
def test_a_digest_follows_from_the_log_id_and_the_leaf(vector: Vector) -> None:
    assert next_digest(first_digest(vector.log_id), leaf_of(vector.row)).hex() == vector.digest
