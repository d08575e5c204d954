"""The log as a whole: order, digests, times, and how it is found."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from events.append import Append, ClaimChange, Guard, SecretChange
from events.digest import first_digest, leaf_of, next_digest
from events.ids import new_id
from tests.events.test_digest import VECTORS, Vector
from tests.support.appends import an_append
from tests.support.log import Log, open_log


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


async def test_positions_have_no_holes_whatever_is_refused(log: Log) -> None:
    taken = an_append()
    await log.appender.append(taken)
    appends = [append for _ in range(5) for append in (an_append(), taken)]
    await asyncio.gather(*(log.appender.append(append) for append in appends))
    assert [row.id for row in await log.store.after(0)] == [1, 2, 3, 4, 5, 6]


async def test_the_digest_chain_is_the_one_computed_in_python(log: Log) -> None:
    await asyncio.gather(*(log.appender.append(an_append(count=n)) for n in (1, 2, 3, 1, 1, 1)))
    digest = first_digest(log.log_id)
    for row in await log.store.after(0):
        digest = next_digest(digest, leaf_of(row))
        assert row.digest == digest


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.topic)
async def test_sql_computes_the_leaf_of_the_vector(log: Log, vector: Vector) -> None:
    row = vector.row
    async with log.pool.connection() as connection:
        leaf = await connection.fetchval(
            "SELECT leaf_of($1, $2, $3, $4, $5, $6, $7, $8)",
            row.id, row.originator_id, row.originator_version, row.topic,
            row.recorded_at, row.occurred_at, row.state, row.metadata,
        )  # fmt: skip
    assert leaf.hex() == vector.leaf


async def test_the_time_of_recording_never_runs_back(log: Log) -> None:
    """As after a clock that was an hour ahead."""
    await log.appender.append(an_append())
    await log.execute("UPDATE events SET recorded_at = now() + interval '1 hour'")
    await log.appender.append(an_append())
    first, second = await log.store.after(0)
    assert second.recorded_at == first.recorded_at


async def test_no_plan_scans_the_log_although_it_was_made_while_the_log_was_small(
    log: Log,
) -> None:
    async def scans() -> int:
        async with log.pool.connection() as connection:
            found: int = await connection.fetchval(
                "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables"
                " WHERE relname IN ('events', 'commands', 'claims', 'secrets')"
            )
            return found

    def batch(size: int) -> list[Append]:
        """With everything that a command can ask for."""
        appends = []
        for _ in range(size):
            stream = new_id()
            appends.append(an_append(
                stream, guards=[Guard(new_id(), 0)], claims=[ClaimChange(stream.bytes, stream)],
                secrets=[SecretChange(stream, "password", b"hash")],
            ))  # fmt: skip
        return appends

    await log.execute("ANALYZE events, commands, claims, secrets")
    before = await scans()
    for size in (1, 9) * 8:
        await asyncio.gather(*(log.appender.append(append) for append in batch(size)))
    await log.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                      "datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
    async with asyncio.timeout(5):
        while await count_appended(log) < 80:
            pass
    assert await scans() == before


async def count_appended(log: Log) -> int:
    """Statistics arrive when the appender's backend has ended."""
    async with log.pool.connection() as connection:
        found: int = await connection.fetchval(
            "SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables"
            " WHERE relname = 'events'"
        )
        return found
