"""What a row of an older system becomes on its way to the log."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid5

import msgspec

from commands.base import Claim, Secret
from events.base import Fact
from events.codec import encode_fact
from events.topics import TOPIC_OF

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_IMPORTS = UUID("3d7f0a51-6a0e-5d3c-8d42-0c6b6d2a7e19")


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A fact at its original time. What is not `compared` may come from elsewhere too."""

    stream: UUID
    owner: UUID
    fact: Fact
    at: datetime
    actor: UUID | None
    compared: bool = True


class Held(msgspec.Struct, frozen=True):
    """A unique value and the stream that is to hold it."""

    claim: Claim
    stream: UUID


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """All of one row, or nothing of it. `begins` are the owners whose sealing keys are made with
    it, `after` the versions of the streams that are there already."""

    table: str
    key: str
    stream: UUID
    happened: Sequence[Happened] = ()
    claims: Sequence[Held] = ()
    secrets: Sequence[Secret] = ()
    begins: Sequence[UUID] = ()
    after: Mapping[UUID, int] = {}
    account: UUID | None = None


@lru_cache(4_096)
def stream_of(system: str, noun: str, id: int | str) -> UUID:
    """The stream of what had another id than a UUID; what had one keeps it."""
    return uuid5(_IMPORTS, f"{system}:{noun}:{id}")


def tag_stream(workspace: UUID, name: str) -> UUID:
    return uuid5(workspace, f"tag:{name}")


def command_of(system: str, table: str, key: str) -> UUID:
    """The same row is the same command, however often it is sent."""
    return uuid5(_IMPORTS, f"{system}:{table}:{key}:row")


def correlation_of(system: str) -> UUID:
    """What everything that moved in from one system has in common."""
    return uuid5(_IMPORTS, system)


def checksum(stream: UUID, version: int, at: datetime, fact: Fact) -> int:
    """Of one fact; those of many are added up, so their order does not matter."""
    microseconds = (at - _EPOCH) // _MICROSECOND
    place = b"%s%d %d %s" % (stream.bytes, version, microseconds, TOPIC_OF[type(fact)].encode())
    return int.from_bytes(sha256(place + encode_fact(fact)).digest()[:8], "big")
