"""How Tasktrail connects to Postgres: a pool that never waits for ever, and its errors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncpg

from events.refusals import Unavailable

if TYPE_CHECKING:  # generic in the stubs alone
    Connection = asyncpg.Connection[asyncpg.Record]
    PooledConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    PooledConnection = asyncpg.pool.PoolConnectionProxy

ACQUIRE_SECONDS = 2.0
STATEMENT_SECONDS = 4.5  # with what giving up takes, an answer comes within 5 s
RELEASE_SECONDS = 0.3
CONNECT_SECONDS = 3.0
PLAN_SECONDS = 10

# The server or the way to it went away: the same call may succeed on another connection.
LOST = (
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    TimeoutError,
    OSError,
)
# The server is there but can't do it now: full disk, out of memory, deadlock, cancelled.
BUSY = (
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,
)


async def connect(url: str, *, statement_seconds: float | None = STATEMENT_SECONDS) -> Connection:
    """A connection of its own, outside the pool. Raises one of `LOST`."""
    connection: Connection = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        command_timeout=statement_seconds,
        server_settings={"application_name": "tasktrail", "timezone": "UTC"},
    )
    return connection


class Pool:
    """A bounded pool whose waits are bounded too; every failure of the server is `Unavailable`."""

    _pool: "asyncpg.Pool[asyncpg.Record]"

    def __init__(self, wait_seconds: float = ACQUIRE_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self.lost = 0
        """How many connections have ended so far. A crash of the server ends them all."""

    @classmethod
    async def open(
        cls,
        url: str,
        size: int,
        *,
        wait_seconds: float = ACQUIRE_SECONDS,
        statement_seconds: float = STATEMENT_SECONDS,
        keep_plans: bool = False,
    ) -> "Pool":
        """`keep_plans` is for few statements asked often, of tables that grow slowly."""
        pool = cls(wait_seconds)
        pool._pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=statement_seconds,
            init=pool._watch,
            reset=_nothing_to_reset,
            # A plan kept from when a table was small scans it when it has grown. Planning costs
            # 15 µs for a lookup by key each time, but 250 for a list.
            max_cached_statement_lifetime=PLAN_SECONDS if keep_plans else 300,
            server_settings={
                "application_name": "tasktrail",
                "timezone": "UTC",
                "plan_cache_mode": "auto" if keep_plans else "force_custom_plan",
            },
        )
        return pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PooledConnection]:
        """Raises `Unavailable` when none is free in time or the server is away."""
        with unavailable_if_lost():
            connection = await self._pool.acquire(timeout=self._wait_seconds)
            try:
                yield connection
            except BaseException:
                await self._release(connection)
                raise
            await self._pool.release(connection)

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """All rows. Raises `Unavailable` as `connection` does."""
        async with self.connection() as connection:
            return await connection.fetch(sql, *arguments)

    @property
    def size(self) -> int:
        return self._pool.get_size()

    @property
    def idle(self) -> int:
        return self._pool.get_idle_size()

    async def close(self) -> None:
        try:
            async with asyncio.timeout(3):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _release(self, connection: PooledConnection) -> None:
        """A statement that was given up is cancelled first; a server that hangs does not hear of
        it, and then the connection is given up as well."""
        releasing = asyncio.ensure_future(self._pool.release(connection, timeout=RELEASE_SECONDS))
        releasing.add_done_callback(_heard)
        with suppress(TimeoutError):
            await asyncio.shield(releasing)

    async def _watch(self, connection: Connection) -> None:
        connection.add_termination_listener(self._lose)

    def _lose(self, _connection: object) -> None:
        self.lost += 1


def _heard(releasing: "asyncio.Future[None]") -> None:
    """Nobody is left to tell when whoever released it was cancelled meanwhile."""
    if not releasing.cancelled():
        releasing.exception()


async def _nothing_to_reset(connection: object) -> None:
    """An open transaction is rolled back before this; what outlives one is not used in the pool:
    no session settings, locks or listeners. Resetting those costs as much as a query."""


class unavailable_if_lost:  # noqa: N801 - reads as a statement
    """Turn a lost or overloaded server into the refusal that says so."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LOST):
            raise Unavailable("the database is away; try again shortly") from error
        if isinstance(error, BUSY):
            raise Unavailable("the database cannot do this right now") from error
