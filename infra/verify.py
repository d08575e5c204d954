"""Is the log what it was when it was written, and do command records and claims fit it?

Everything is read in pages, so no snapshot stays open, and writers may go on: what comes after
the head of the start is left for the next time.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
from eventsourcing.persistence import MapperDeserialisationError

from events.codec import FactMapper, LogRow
from events.digest import first_digest, leaf_of, next_digest
from events.sealing import SealBroken
from events.topics import TOPICS
from infra.event_store import COLUMNS, EventStore, log_row
from infra.keys import Keys
from infra.postgres import Pool

_PAGE = 2_000
_EVENTS = f"""
    SELECT {COLUMNS}, leaf, before_position, before_owner
    FROM (
        SELECT * FROM events WHERE notification_id > $1 AND notification_id <= $2
        ORDER BY notification_id LIMIT $3
    ) event LEFT JOIN LATERAL (
        SELECT b.notification_id AS before_position, b.owner_id AS before_owner FROM events b
        WHERE b.originator_id = event.originator_id
        AND b.originator_version = event.originator_version - 1
    ) before ON true
    ORDER BY notification_id
"""  # noqa: S608 - of literals
_RECORDS = """
    SELECT command_id, last_position, event_count FROM commands WHERE command_id = ANY ($1::uuid[])
"""
_PAGE_OF_RECORDS = """
    SELECT c.command_id, c.last_position, c.event_count, e.metadata,
        c.version = 0 OR EXISTS (
            SELECT FROM events v
            WHERE v.originator_id = c.stream AND v.originator_version = c.version
        ) AS has_version
    FROM (
        SELECT * FROM commands WHERE command_id > $1 AND recorded_at <= $2
        ORDER BY command_id LIMIT $3
    ) c
    LEFT JOIN events e ON e.notification_id = c.last_position AND c.event_count > 0
    ORDER BY c.command_id
"""
_PAGE_OF_CLAIMS = """
    SELECT c.key, c.stream, EXISTS (SELECT FROM events e WHERE e.originator_id = c.stream) AS known
    FROM (SELECT * FROM claims WHERE key > $1 ORDER BY key LIMIT $2) c ORDER BY c.key
"""


class Finding(msgspec.Struct, frozen=True):
    """What does not fit. `position` is where to look; None for what stands beside the log."""

    problem: str
    position: int | None
    detail: str


class _Run(msgspec.Struct):
    """Neighbouring events of one command."""

    command: UUID
    first: int
    last: int
    recorded_at: datetime

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class _Named(msgspec.Struct):
    command: UUID


_metadata = msgspec.json.Decoder(_Named)


async def verify_log(
    pool: Pool,
    *,
    keys: Keys | None = None,
    retention_days: int = 30,
    progress: Callable[[int, int], None] = lambda position, head: None,
) -> AsyncIterator[Finding]:
    """Every finding, in the order of the log, then those beside it. With `keys` each event must
    also open under its owner's key. `progress` is called with position and head."""
    store = await EventStore.open(pool)
    head = await store.head()
    walk, damaged = _Walk(store.log_id), set[UUID]()
    mapper = FactMapper(keys.key_of) if keys else None
    remembered = datetime.now(UTC) - timedelta(days=retention_days) + timedelta(hours=1)
    while walk.position < head and (page := await _page(pool, _EVENTS, walk.position, head, _PAGE)):
        rows = [log_row(record) for record in page]
        if keys:
            async for finding in _unopened(keys, rows, damaged):
                yield finding
        for row, record in zip(rows, page, strict=True):
            for finding in (*walk.step(row, record), *_sealed(row, mapper)):
                yield finding
        for finding in await _without_record(pool, walk.complete(), remembered):
            yield finding
        progress(walk.position, head)
    for finding in await _without_record(pool, walk.complete(end=True), remembered):
        yield finding
    async for finding in _beside(pool, store):
        yield finding


class _Walk:
    """Along the chain, event by event, with what the next one must fit."""

    def __init__(self, log_id: UUID) -> None:
        self.position = 0
        self._digest: bytes | None = first_digest(log_id)
        self._recorded_at: datetime | None = None
        self._runs: list[_Run] = []

    def step(self, row: LogRow, record: asyncpg.Record) -> Iterator[Finding]:
        if row.id != self.position + 1:
            missing = f"positions {self.position + 1} to {row.id - 1} are missing"
            yield Finding("hole", self.position + 1, missing)
            self._digest = None
        leaf: bytes = record["leaf"]
        if leaf_of(row) != leaf:
            yield Finding("leaf", row.id, "the event is not the one that was written")
        if self._digest is not None and next_digest(self._digest, leaf) != row.digest:
            yield Finding("digest", row.id, "the digest does not follow from the one before")
        if self._recorded_at is not None and row.recorded_at < self._recorded_at:
            yield Finding("time", row.id, "it is recorded before its predecessor")
        if row.topic in TOPICS:
            yield from _versioned(row, record)
        yield from self._belongs(row)
        self.position, self._digest, self._recorded_at = row.id, row.digest, row.recorded_at

    def _belongs(self, row: LogRow) -> Iterator[Finding]:
        try:
            command = _metadata.decode(row.metadata).command
        except ValueError as error:
            yield Finding("command", row.id, f"its metadata cannot be read: {error}")
            return
        last = self._runs[-1] if self._runs else None
        if last and last.command == command and last.last == row.id - 1:
            last.last = row.id
        else:
            self._runs.append(_Run(command, row.id, row.id, row.recorded_at))

    def complete(self, *, end: bool = False) -> list[_Run]:
        """The commands whose last event was seen; at a page's end one may go on."""
        cut = len(self._runs) if end else max(len(self._runs) - 1, 0)
        done, self._runs = self._runs[:cut], self._runs[cut:]
        return done


def _versioned(row: LogRow, record: asyncpg.Record) -> Iterator[Finding]:
    version, before = row.originator_version, record["before_position"]
    first = version == 1 and before is None
    if not first and (before is None or before > row.id):
        yield Finding("version", row.id, f"version {version} of its stream follows no other")
    elif not first and record["before_owner"] != row.owner:
        yield Finding("owner", row.id, "it belongs to another owner than its stream")


async def _unopened(
    keys: Keys, rows: Sequence[LogRow], damaged: set[UUID]
) -> AsyncIterator[Finding]:
    """Load the owners' keys. One that does not open is named once; one that is gone is erased."""
    first = {row.owner: row for row in reversed(rows)}
    try:
        await keys.load(first)
    except SealBroken:
        for owner in first.keys() - damaged:
            try:
                await keys.load([owner])
            except SealBroken as error:
                damaged.add(owner)
                detail = f"the sealing key of {owner} is damaged: {error}"
                yield Finding("key", first[owner].id, detail)


def _sealed(row: LogRow, mapper: FactMapper | None) -> Iterator[Finding]:
    if mapper is not None and row.topic in TOPICS:
        try:
            mapper.to_domain_event(row)
        except (MapperDeserialisationError, ValueError) as error:
            yield Finding("sealed", row.id, str(error))


async def _without_record(pool: Pool, runs: Sequence[_Run], remembered: datetime) -> list[Finding]:
    """Commands whose record is missing, though too young for that, or tells something else."""
    found = {
        record["command_id"]: record
        for record in await _page(pool, _RECORDS, [run.command for run in runs])
    }
    findings = []
    for run in runs:
        record = found.get(run.command)
        if record is None:
            if run.recorded_at > remembered:
                detail = f"command {run.command} is not on record"
                findings.append(Finding("command", run.first, detail))
        elif (record["last_position"], record["event_count"]) != (run.last, run.count):
            detail = f"command {run.command} is on record with other events"
            findings.append(Finding("command", run.first, detail))
    return findings


async def _beside(pool: Pool, store: EventStore) -> AsyncIterator[Finding]:
    """Records and claims that nothing in the log accounts for."""
    # Ids are mostly in the order of their making, so without an end this could go on for ever.
    [(now,)] = await _page(pool, "SELECT clock_timestamp()")
    last = UUID(int=0)
    while records := await _page(pool, _PAGE_OF_RECORDS, last, now, _PAGE):
        head = await store.head()
        for record in records:
            if problem := _unfounded(record, head):
                detail = f"command {record['command_id']} {problem}"
                yield Finding("command", record["last_position"], detail)
        last = records[-1]["command_id"]
    key = b""
    while claims := await _page(pool, _PAGE_OF_CLAIMS, key, _PAGE):
        for claim in claims:
            if not claim["known"]:
                detail = f"claim {claim['key'].hex()} is held by {claim['stream']}, of no event"
                yield Finding("claim", None, detail)
        key = claims[-1]["key"]


def _unfounded(record: asyncpg.Record, head: int) -> str | None:
    if record["last_position"] > head:
        return f"reaches beyond the head, {head}: the end of the log is missing"
    if not record["has_version"]:
        return "answers with a version that its stream does not have"
    if record["event_count"] == 0:
        return None
    if record["metadata"] is None:
        return "has no event where it says"
    try:
        caused = _metadata.decode(record["metadata"]).command == record["command_id"]
    except ValueError:
        return None  # said of the event already
    return None if caused else "is on record with the event of another"


async def _page(pool: Pool, query: str, *arguments: object) -> list[asyncpg.Record]:
    async with pool.connection() as connection:
        return await connection.fetch(query, *arguments)
