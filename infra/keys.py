"""The keys: one a workspace or account for sealing, wrapped by the server's master key."""

from collections.abc import Iterable
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.append import SecretChange
from events.sealing import SealBroken, derive, new_key, seal, unseal
from infra.postgres import Pool

KIND = "sealing-key"
_CACHED = 100_000


class Keys:
    """The sealing keys seen so far. `load` before `key_of`: the latter only looks in memory."""

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        self._pool = pool
        self._wrap = AESGCM(derive(master_key, "wrap"))
        self._cache: dict[UUID, AESGCM] = {}

    def key_of(self, owner: UUID) -> AESGCM | None:
        """None when the owner has no key any more, so that what it sealed is erased."""
        return self._cache.get(owner)

    async def load(self, owners: Iterable[UUID]) -> None:
        wanted, asked = set(owners), set[UUID]()
        # Again after waiting, because others may have pushed out what was there before.
        while missing := [owner for owner in wanted - asked if owner not in self._cache]:
            asked.update(missing)
            for owner, wrapped in await self._wrapped(missing):
                self.remember(owner, AESGCM(unseal(self._wrap, wrapped, owner.bytes)))

    async def opens(self) -> bool:
        """Whether the master key is the one of this database: it opens one of these keys at least.
        With another, e-mails would be taken twice and new keys could not be read again."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT owner, value FROM secrets WHERE kind = $1 LIMIT 20", KIND
            )
        return not rows or any(self._unwrapped(row["owner"], row["value"]) for row in rows)

    def _unwrapped(self, owner: UUID, wrapped: bytes) -> bytes | None:
        try:
            return unseal(self._wrap, wrapped, owner.bytes)
        except SealBroken:
            return None

    async def _wrapped(self, owners: list[UUID]) -> list[tuple[UUID, bytes]]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT owner, value FROM secrets WHERE owner = ANY($1::uuid[]) AND kind = $2",
                owners,
                KIND,
            )
        return [(row["owner"], row["value"]) for row in rows]

    def create(self, owner: UUID) -> tuple[AESGCM, SecretChange]:
        """A key for a new owner; it counts once the change is appended (see `remember`)."""
        key = new_key()
        return AESGCM(key), SecretChange(owner, KIND, seal(self._wrap, key, owner.bytes))

    def remember(self, owner: UUID, key: AESGCM) -> None:
        """The key that came first goes first when there are too many."""
        while len(self._cache) >= _CACHED:
            del self._cache[next(iter(self._cache))]
        self._cache[owner] = key

    def forget(self, owner: UUID) -> None:
        self._cache.pop(owner, None)
