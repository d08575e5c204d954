"""The log as facts: what `EventStore` reads, unsealed."""

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

import msgspec
from eventsourcing.persistence import MapperDeserialisationError

from events.codec import FactMapper, LogRow
from events.envelope import Metadata, Recorded, Unreadable
from events.sealing import SealBroken
from infra.event_store import EventStore
from infra.keys import Keys

_NOBODY = UUID(int=0)


class LogReader:
    """Reads and unseals. Raises `MapperDeserialisationError` for an event that cannot be read,
    except in `tolerant_after`, where such an event stands as `Unreadable`.
    """

    def __init__(self, store: EventStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._mapper = FactMapper(keys.key_of)

    @property
    def log_id(self) -> UUID:
        return self._store.log_id

    async def head(self) -> int:
        return await self._store.head()

    async def stream(
        self, stream: UUID, *, after: int = 0, up_to: int | None = None
    ) -> list[Recorded]:
        return await self.unseal(await self._store.stream(stream, after=after, up_to=up_to))

    async def newest(self, stream: UUID) -> list[Recorded]:
        """Its last event, if it has any."""
        return await self.unseal(await self._store.stream(stream, newest=True, limit=1))

    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]:
        return await self.unseal(await self._store.after(position, limit=limit, up_to=up_to))

    async def tolerant_after(
        self,
        position: int,
        *,
        limit: int = 500,
        up_to: int | None = None,
        topics: Sequence[str] = (),
    ) -> list[Recorded]:
        """As `after`, for readers whom one bad event must not stop; with `topics` only those."""
        rows = await self._store.after(position, limit=limit, up_to=up_to, topics=topics)
        return await self._unseal_tolerantly(rows)

    async def of_owners(
        self,
        owners: Collection[UUID],
        position: int,
        *,
        up_to: int,
        limit: int,
        takes: Callable[[str, UUID], bool],
    ) -> tuple[list[Recorded], int]:
        """Of the next `limit` events of these workspaces and accounts those whose topic and
        stream it takes, and how far that is; a bad one stands as `Unreadable`."""
        rows = await self._store.of_owners(list(owners), position, up_to=up_to, limit=limit)
        reached = rows[-1].id if len(rows) == limit else up_to
        wanted = [row for row in rows if takes(row.topic, _stream_of(row))]
        return await self._unseal_tolerantly(wanted), reached

    async def of_streams(self, streams: Collection[UUID], *, up_to: int) -> list[Recorded]:
        """The events of these streams with version ≤ `up_to`, each stream in order; a bad one
        stands as `Unreadable`."""
        return await self._unseal_tolerantly(await self._store.of_streams(streams, up_to=up_to))

    async def unseal(self, rows: Sequence[LogRow]) -> list[Recorded]:
        await self._keys.load(row.owner for row in rows)
        return [self._mapper.to_domain_event(row) for row in rows]

    async def _unseal_tolerantly(self, rows: Sequence[LogRow]) -> list[Recorded]:
        locked = await self._keys_that_do_not_open({row.owner for row in rows})
        return [self._tolerantly(row, locked) for row in rows]

    async def _keys_that_do_not_open(self, owners: set[UUID]) -> dict[UUID, str]:
        """Load the keys; whose key is damaged, and how."""
        try:
            await self._keys.load(owners)
        except SealBroken:
            locked: dict[UUID, str] = {}
            for owner in owners:
                try:
                    await self._keys.load([owner])
                except SealBroken as error:
                    locked[owner] = f"the sealing key of {owner} does not open: {error}"
            return locked
        return {}

    def _tolerantly(self, row: LogRow, locked: dict[UUID, str]) -> Recorded:
        if row.owner in locked:
            return _unreadable(row, locked[row.owner])
        try:
            return self._mapper.to_domain_event(row)
        except MapperDeserialisationError as error:
            return _unreadable(row, str(error))
        except Exception as error:  # an upcast may raise anything on a damaged state, and quote it
            return _unreadable(row, type(error).__name__)


def _unreadable(row: LogRow, reason: str) -> Recorded:
    return Recorded(
        stream=_stream_of(row),
        version=row.originator_version,
        topic=row.topic,
        fact=Unreadable(row.topic, reason),
        owner=row.owner,
        occurred_at=row.occurred_at,
        metadata=_metadata(row),
        position=row.id,
        recorded_at=row.recorded_at,
    )


def _stream_of(row: LogRow) -> UUID:
    stream = row.originator_id
    assert isinstance(stream, UUID)
    return stream


def _metadata(row: LogRow) -> Metadata:
    try:
        return msgspec.json.decode(row.metadata, type=Metadata)
    except ValueError:
        return Metadata(command=_NOBODY, correlation=_NOBODY)
