"""Rows on their way into the log, sealed like whatever happens here."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.base import Claim
from commands.draft import ClaimKey, Keys
from commands.imports.items import Item, command_of, correlation_of
from events.append import Append, ClaimChange, SecretChange
from events.codec import FactMapper, SealedEvent
from events.envelope import Metadata, Recorded
from events.ids import new_id
from events.topics import TOPIC_OF


class _Part(NamedTuple):
    events: Sequence[SealedEvent]
    claims: Sequence[ClaimChange]
    secrets: Sequence[SecretChange]
    version: int


class Sealing:
    """`made` are the keys of owners that begin with what was sealed; they count once it is
    appended. Everything that was imported from one system has one correlation."""

    def __init__(self, system: str, keys: Keys, claim_key: ClaimKey) -> None:
        self._system = system
        self._keys = keys
        self._claim_key = claim_key
        self._correlation = correlation_of(system)
        self._mapper = FactMapper(self._key_of)
        self.made: dict[UUID, AESGCM] = {}

    async def load(self, items: Iterable[Item]) -> None:
        """The keys of those owners that are there already."""
        begin = {owner for item in items for owner in item.begins}
        owners = {each.owner for item in items for each in item.happened}
        await self._keys.load(owners - begin)

    def sealed(self, item: Item) -> Append:
        """Raises `TooLarge` for a fact that is."""
        command = command_of(self._system, item.table, item.key)
        return self._append([self._part(item, command)], item, command)

    def together(self, items: Sequence[Item]) -> Append:
        """All of them or none. Raises `TooLarge`."""
        command = new_id()
        return self._append([self._part(item, command) for item in items], items[-1], command)

    def key_of_claim(self, claim: Claim) -> bytes:
        return self._claim_key(claim.kind, claim.value, claim.scope)

    def appended(self, item: Item) -> None:
        for owner in item.begins:
            self._keys.remember(owner, self.made[owner])

    def _append(self, parts: Sequence[_Part], last: Item, command: UUID) -> Append:
        return Append(
            command_id=command,
            account=last.account if len(parts) == 1 else None,
            fingerprint=b"",
            stream=last.stream,
            version=parts[-1].version,
            events=[event for part in parts for event in part.events],
            claims=[claim for part in parts for claim in part.claims],
            secrets=[secret for part in parts for secret in part.secrets],
        )

    def _part(self, item: Item, command: UUID) -> _Part:
        secrets = [SecretChange(each.owner, each.kind, each.value) for each in item.secrets]
        for owner in item.begins:
            self.made[owner], change = self._keys.create(owner)
            secrets.append(change)
        versions = dict(item.after)
        events = list(self._events(item, command, versions))
        claims = [ClaimChange(self.key_of_claim(each.claim), each.stream) for each in item.claims]
        return _Part(events, claims, secrets, versions[item.stream])

    def _events(
        self, item: Item, command: UUID, versions: dict[UUID, int]
    ) -> Iterable[SealedEvent]:
        for each in item.happened:
            versions[each.stream] = versions.get(each.stream, 0) + 1
            metadata = Metadata(command=command, correlation=self._correlation, actor=each.actor)
            yield self._mapper.to_stored_event(
                Recorded(
                    stream=each.stream,
                    version=versions[each.stream],
                    topic=TOPIC_OF[type(each.fact)],
                    fact=each.fact,
                    owner=each.owner,
                    occurred_at=each.at,
                    metadata=metadata,
                )
            )

    def _key_of(self, owner: UUID) -> AESGCM | None:
        return self.made.get(owner) or self._keys.key_of(owner)
