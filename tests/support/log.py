"""A log of its own for a test, and a short way to put facts on it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from events.append import Append, Appended, SecretChange
from events.base import Fact
from events.codec import FactMapper
from events.envelope import Metadata, Recorded
from events.ids import new_id
from events.tasks import TaskCreated
from events.topics import TOPIC_OF
from infra.appender import Appender
from infra.event_store import EventStore
from infra.keys import Keys
from infra.migrations import migrate
from infra.postgres import Pool, connect
from infra.reader import LogReader

MASTER_KEY = b"a master key for tests, 32 bytes"


@dataclass
class Log:
    """`on_commit` may be set at any time; it is called with the head after each commit."""

    url: str
    pool: Pool
    store: EventStore
    keys: Keys
    reader: LogReader
    appender: Appender
    on_commit: Callable[[int], None] = lambda head: None

    @property
    def log_id(self) -> UUID:
        return self.store.log_id

    async def execute(self, statement: str, *arguments: object) -> None:
        """What no part of the system does, such as damaging a row."""
        async with self.pool.connection() as connection:
            await connection.execute(statement, *arguments)


@asynccontextmanager
async def open_log(url: str, *, pool_size: int = 5) -> AsyncIterator[Log]:
    """Migrate an empty database and run an appender on it."""
    connection = await connect(url)
    try:
        await migrate(connection)
    finally:
        await connection.close()
    pool = await Pool.open(url, pool_size)
    store = await EventStore.open(pool)
    keys = Keys(pool, MASTER_KEY)
    appender = Appender(url, on_commit=lambda head: log.on_commit(head))
    log = Log(url, pool, store, keys, LogReader(store, keys), appender)
    running = asyncio.create_task(appender.run())
    try:
        yield log
    finally:
        appender.close()
        await running
        await pool.close()


async def append_facts(
    log: Log,
    facts: Sequence[Fact],
    *,
    stream: UUID | None = None,
    owner: UUID | None = None,
    after: int = 0,
) -> Appended:
    """Append facts to one stream, whose version is `after`; an owner without a key gets one."""
    stream, owner = stream or new_id(), owner or new_id()
    command = new_id()
    secrets = await _key_for(log, owner)
    mapper = FactMapper(log.keys.key_of)
    recorded = [
        Recorded(
            stream=stream,
            version=after + number,
            topic=TOPIC_OF[type(fact)],
            fact=fact,
            owner=owner,
            occurred_at=datetime.now(UTC),
            metadata=Metadata(command=command, correlation=command),
        )
        for number, fact in enumerate(facts, 1)
    ]
    return await log.appender.append(
        Append(
            command_id=command,
            account=None,
            fingerprint=b"test",
            stream=stream,
            version=after + len(facts),
            events=[mapper.to_stored_event(event) for event in recorded],
            secrets=secrets,
        )
    )


async def _key_for(log: Log, owner: UUID) -> list[SecretChange]:
    await log.keys.load([owner])
    if log.keys.key_of(owner) is not None:
        return []
    key, change = log.keys.create(owner)
    log.keys.remember(owner, key)
    return [change]


async def append_tasks(log: Log, count: int, *, owner: UUID | None = None) -> int:
    """So many new tasks in streams of their own, appended together; the last position."""
    owner = owner or new_id()
    first = await append_facts(log, [TaskCreated(title="task 1")], owner=owner)
    rest = await asyncio.gather(
        *(
            append_facts(log, [TaskCreated(title=f"task {number}")], owner=owner)
            for number in range(2, count + 1)
        )
    )
    return max(done.last_position for done in (first, *rest))
