"""The log as facts: what `EventStore` reads, unsealed."""

import logging
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

import msgspec
from eventsourcing.persistence import MapperDeserialisationError

from events.codec import FactMapper, LogRow
from events.envelope import Metadata, Recorded, Unreadable
from events.refusals import Unavailable
from events.sealing import SealBroken
from infra.event_store import EventStore
from infra.keys import Keys

_log = logging.getLogger(__name__)

_NOBODY = UUID(int=0)
_RETRY_SECONDS = 5  # a newer program may be on its way to every process
_TOLD = 10_000


class LogReader:
    """Reads and unseals. An event that cannot be read, damaged or of a newer program, stands as
    `Unreadable` where that is said; anywhere else it is `Unavailable` (`unreadable`), for nobody
    may decide without it.
    """

    def __init__(self, store: EventStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._mapper = FactMapper(keys.key_of)
        self._told: set[int] = set()

    @property
    def log_id(self) -> UUID:
        return self._store.log_id

    async def head(self) -> int:
        return await self._store.head()

    async def stream(
        self, stream: UUID, *, after: int = 0, up_to: int | None = None
    ) -> list[Recorded]:
        return await self._unseal(await self._store.stream(stream, after=after, up_to=up_to))

    async def newest(self, stream: UUID) -> list[Recorded]:
        """Its last event, if it has any."""
        return await self._unseal(await self._store.stream(stream, newest=True, limit=1))

    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]:
        return await self._unseal(await self._store.after(position, limit=limit, up_to=up_to))

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

    async def _unseal(self, rows: Sequence[LogRow]) -> list[Recorded]:
        events = await self._unseal_tolerantly(rows)
        for event in events:
            if isinstance(event.fact, Unreadable):
                self._tell(event, event.fact.reason)
                raise Unavailable(
                    f"something on the record of {event.stream} cannot be read by this program "
                    "now; try again later",
                    code="unreadable",
                    retry_after=_RETRY_SECONDS,
                )
        return events

    def _tell(self, event: Recorded, reason: str) -> None:
        """Once, however often it is asked for."""
        if event.position not in self._told:
            if len(self._told) >= _TOLD:
                self._told.clear()
            self._told.add(event.position)
            _log.error("event %d (%s) stops its stream: %s", event.position, event.topic, reason)

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
