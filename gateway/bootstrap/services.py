"""What one process holds open, and how it is opened and closed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from commands.handler import Handler
from events.refusals import Unavailable
from events.sealing import claim_keys
from infra.appender import Appender
from infra.clock import utc_now
from infra.embedded.folder import CannotStart
from infra.event_store import EventStore
from infra.jetstream import EventStream
from infra.keys import Keys
from infra.migrations import assert_durable, migrate
from infra.nats import Nats
from infra.postgres import LOST, Pool, connect
from infra.reader import LogReader
from infra.settings import BadSettings, Settings
from queries.waiting import Waiter

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Log:
    """The log as every process reads it."""

    settings: Settings
    pool: Pool
    store: EventStore
    keys: Keys
    reader: LogReader
    nats: Nats

    @property
    def log_id(self) -> UUID:
        return self.store.log_id


async def prepare_database(settings: Settings) -> None:
    """Migrate, and refuse a server that may lose what it acknowledged (`BadSettings`). Raises a
    connection error that says why when there is none, or none that we may use."""
    assert settings.database_url is not None
    with _or_why("connect to the database"):
        connection = await connect(settings.database_url, statement_seconds=60)
    try:
        with _or_why("prepare the database"):
            await assert_durable(connection)
            for number in await migrate(connection):
                _log.info("applied migration %d", number)
    finally:
        await connection.close()


@contextmanager
def _or_why(task: str) -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, *LOST) as error:
        reason = str(error) or type(error).__name__
        raise ConnectionError(f"cannot {task}: {reason}") from error


async def demand_usable(settings: Settings) -> None:
    """Raises, in a line that somebody can act on, what a server would end in a trace."""
    await prepare_database(settings)
    async with open_log(settings):
        return


@asynccontextmanager
async def open_log(settings: Settings, *, keep_plans: bool = False) -> AsyncIterator[Log]:
    """Raises `Unavailable` or a connection error when Postgres is not there, `CannotStart` when
    nobody prepared it, `BadSettings` when it was written with another master key."""
    assert settings.database_url is not None
    assert settings.nats_url is not None
    assert settings.master_key is not None
    async with AsyncExitStack() as stack:
        with _or_why("connect to the database"):
            pool = await Pool.open(
                settings.database_url,
                settings.pool_size,
                wait_seconds=settings.pool_wait_seconds,
                statement_seconds=settings.statement_seconds,
                keep_plans=keep_plans,
            )
        stack.push_async_callback(pool.close)
        store = await _store(pool)
        keys = Keys(pool, settings.master_key)
        if not await keys.opens():
            raise BadSettings(["TASKTRAIL_MASTER_KEY is not the one this database was made with"])
        nats = await stack.enter_async_context(Nats(settings.nats_url))
        yield Log(settings, pool, store, keys, LogReader(store, keys), nats)


async def _store(pool: Pool) -> EventStore:
    try:
        return await EventStore.open(pool)
    except asyncpg.UndefinedTableError:
        raise CannotStart("this database has no log yet: start `tasktrail up` on it") from None


@asynccontextmanager
async def open_appender(log: Log) -> AsyncIterator[Appender]:
    """Drains the queue on the way out."""
    settings = log.settings
    assert settings.database_url is not None
    appended = f"{settings.subject_prefix}.hints.appended"
    appender = Appender(
        settings.database_url,
        on_commit=lambda head: log.nats.hint(appended, head),
        queue_size=settings.append_queue,
    )
    running = asyncio.create_task(appender.run(), name="appender")
    try:
        yield appender
    finally:
        appender.close()
        await running


def make_handler(log: Log, appender: Appender) -> Handler:
    assert log.settings.master_key is not None
    return Handler(
        store=log.store,
        reader=log.reader,
        appender=appender,
        keys=log.keys,
        claim_key=claim_keys(log.settings.master_key),
        clock=utc_now,
    )


def make_stream(log: Log) -> EventStream:
    settings = log.settings
    return EventStream(
        log.nats,
        log.log_id,
        prefix=settings.subject_prefix,
        max_age=settings.stream_max_age_hours * 3600,
        max_bytes=settings.stream_max_bytes,
    )


async def served(log: Log, *projections: str) -> None:
    """Returns once there are these read models: a new installation makes them at this moment."""
    waiter = Waiter(log.pool, log.log_id)
    try:
        for projection in projections:
            while True:
                with suppress(Unavailable):
                    await waiter.wait_for(projection, 0)
                    break
    finally:
        await waiter.close()
