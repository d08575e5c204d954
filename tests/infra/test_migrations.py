"""Bringing a database up to date, and refusing one that loses what it acknowledged."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from infra.event_store import EventStore
from infra.migrations import assert_durable, migrate, migrations
from infra.postgres import Connection, Pool, connect
from infra.settings import BadSettings

NUMBERS = [number for number, _ in migrations()]


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    opened = await connect(database)
    try:
        yield opened
    finally:
        await opened.close()


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(range(1, len(NUMBERS) + 1)) == NUMBERS


async def test_each_migration_is_applied_once_whoever_comes_at_the_same_time(
    database: str,
) -> None:
    connections = [await connect(database) for _ in range(4)]
    try:
        applied = await asyncio.gather(*(migrate(each) for each in connections))
    finally:
        for each in connections:
            await each.close()
    assert sorted(applied) == [[], [], [], NUMBERS]


async def test_a_migration_that_fails_leaves_nothing_and_is_tried_again(
    connection: Connection,
) -> None:
    await connection.execute("CREATE TABLE leases (in_the_way int)")
    with pytest.raises(Exception, match="leases"):
        await migrate(connection)
    await connection.execute("DROP TABLE leases")
    assert await migrate(connection) == NUMBERS[1:]


async def test_a_log_keeps_its_id(database: str, connection: Connection) -> None:
    await migrate(connection)
    pool = await Pool.open(database, 1)
    first = (await EventStore.open(pool)).log_id
    await migrate(connection)
    assert (await EventStore.open(pool)).log_id == first
    await pool.close()


async def test_a_durable_server_is_taken(connection: Connection) -> None:
    await assert_durable(connection)


async def test_a_server_that_acknowledges_before_it_has_written_is_refused(
    connection: Connection,
) -> None:
    await connection.execute("SET synchronous_commit = off")
    with pytest.raises(BadSettings, match="synchronous_commit"):
        await assert_durable(connection)
