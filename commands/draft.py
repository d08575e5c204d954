"""Commands decided together, on their way to one append."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.base import Claim, Command, Decider, Secret, Stream, fold
from events.append import Append, ClaimChange, CommandRequest, Guard, SecretChange
from events.base import Fact
from events.codec import FactMapper, sealed_client
from events.envelope import Metadata, Recorded
from events.refusals import Conflict, TooLarge, Unavailable
from events.sealing import SealBroken
from events.topics import TOPIC_OF

_log = logging.getLogger(__name__)

MAX_EVENTS = 1_000
ClaimKey = Callable[[str, str, UUID | None], bytes]


class Keys(Protocol):
    """Sealing keys by owner; `key_of` knows those that `load` has seen."""

    def key_of(self, owner: UUID) -> AESGCM | None: ...
    async def load(self, owners: Iterable[UUID]) -> None: ...
    def create(self, owner: UUID) -> tuple[AESGCM, SecretChange]: ...
    def remember(self, owner: UUID, key: AESGCM) -> None: ...


class Draft:
    """`streams` as they will be after the append; `read` the versions they were read at."""

    def __init__(self, request: CommandRequest, now: datetime) -> None:
        self.request = request
        self.now = now
        self.streams: dict[UUID, Stream[Any]] = {}
        self.read: dict[UUID, int] = {}
        self.events: list[Recorded] = []
        self._claims: list[tuple[UUID, Claim]] = []
        self._held: dict[tuple[str, str, UUID | None], UUID] = {}
        self._secrets: list[Secret] = []
        self._metadata = Metadata(
            command=request.command_id,
            correlation=request.correlation,
            actor=request.caller.account,
            causation=request.causation,
            traceparent=request.traceparent,
        )

    def saw(self, stream: Stream[Any]) -> None:
        self.streams[stream.id] = stream
        self.read[stream.id] = stream.version

    def decided(
        self, command: Command, decider: Decider[Any], owner: UUID, facts: Sequence[Fact]
    ) -> None:
        stream = self.streams[command.stream]
        for fact in facts:
            for claim in decider.claims(stream.state, fact):
                self._claim(stream.id, claim)
            event = Recorded(
                stream=stream.id,
                version=stream.version + 1,
                topic=TOPIC_OF[type(fact)],
                fact=fact,
                owner=owner,
                occurred_at=self.request.occurred_at or self.now,
                metadata=self._metadata,
            )
            self.events.append(event)
            stream = fold(decider, stream, [event])
        if facts or command.quiet:
            self._secrets += decider.secrets(command)
        self.streams[stream.id] = stream
        if len(self.events) > MAX_EVENTS:
            raise TooLarge(f"one request may append at most {MAX_EVENTS} events")

    def _claim(self, stream: UUID, claim: Claim) -> None:
        """The append refuses what others hold; here, what two streams of one request want."""
        name = (claim.kind, claim.value, claim.scope)
        if claim.release:
            self._held.pop(name, None)
        elif self._held.setdefault(name, stream) != stream:
            raise taken(claim)
        self._claims.append((stream, claim))

    async def sealed(self, answered: Stream[Any], keys: Keys, claim_key: ClaimKey) -> Append:
        """What goes to the log. A workspace or account that begins here gets its key with it."""
        actor = self.request.caller.account
        owners = {event.owner for event in self.events}
        wanted = owners if actor is None else owners | {actor}
        if any(keys.key_of(owner) is None for owner in wanted):
            await _load(keys, wanted)
        made = {
            owner: keys.create(owner)
            for owner in owners
            if keys.key_of(owner) is None and self.read.get(owner) == 0
        }

        def key_of(owner: UUID) -> AESGCM | None:
            return made[owner][0] if owner in made else keys.key_of(owner)

        mapper = FactMapper(key_of)
        client = sealed_client(self.request.caller, key_of(actor)) if actor else None
        metadata = msgspec.structs.replace(self._metadata, client=client)
        touched = {event.stream for event in self.events}
        return Append(
            command_id=self.request.command_id,
            account=actor,
            fingerprint=fingerprint_of(self.request, claim_key),
            stream=answered.id,
            version=answered.version,
            events=[
                mapper.to_stored_event(msgspec.structs.replace(event, metadata=metadata))
                for event in self.events
            ],
            guards=[Guard(id, version) for id, version in self.read.items() if id not in touched],
            claims=[
                ClaimChange(claim_key(claim.kind, claim.value, claim.scope), id, claim.release)
                for id, claim in self._claims
            ],
            secrets=[
                *(change for _, change in made.values()),
                *(SecretChange(s.owner, s.kind, s.value) for s in self._secrets),
            ],
        )

    def claim_of(self, key: bytes, claim_key: ClaimKey) -> Claim | None:
        """Which of the values wanted here has this key."""
        for _, claim in self._claims:
            if claim_key(claim.kind, claim.value, claim.scope) == key:
                return claim
        return None


async def _load(keys: Keys, owners: Collection[UUID]) -> None:
    """What was read is remembered; so a key may be damaged and nobody have met it yet."""
    try:
        await keys.load(owners)
    except SealBroken as error:
        named = ", ".join(map(str, owners))
        _log.error("a sealing key of %s does not open", named)
        raise Unavailable(
            f"a sealing key of {named} does not open now; try again later",
            code="unreadable",
            retry_after=5,
        ) from error


def fingerprint_of(request: CommandRequest, claim_key: ClaimKey) -> bytes:
    """Keyed: from a copy of the database nobody can guess what somebody asked for."""
    if not request.fingerprint:
        return b""
    return claim_key("fingerprint", request.fingerprint.hex(), request.caller.account)


def taken(claim: Claim) -> Conflict:
    return Conflict(
        f"this {claim.kind} is already taken", code=f"{claim.kind}-taken", field=claim.kind
    )
