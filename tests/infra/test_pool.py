"""Nobody waits for a connection or a statement without an end."""

import asyncio
import time

import pytest

from events.refusals import Unavailable
from infra.postgres import Pool


async def test_whoever_waits_for_a_connection_is_refused_in_time(database: str) -> None:
    pool = await Pool.open(database, 1, wait_seconds=0.2)
    async with pool.connection():
        since = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            await pool.fetch("SELECT 1")
        assert 0.1 < time.monotonic() - since < 2
        assert refusal.value.retry_after > 0
    assert await pool.fetch("SELECT 1")
    await pool.close()


async def test_a_statement_that_takes_too_long_is_given_up(database: str) -> None:
    pool = await Pool.open(database, 1, statement_seconds=0.2)
    with pytest.raises(Unavailable):
        await pool.fetch("SELECT pg_sleep(30)")
    assert await pool.fetch("SELECT 1")
    await pool.close()


async def test_a_pool_that_is_held_closes_nevertheless(database: str) -> None:
    pool, held = await Pool.open(database, 1), asyncio.Event()

    async def hold() -> None:
        async with pool.connection():
            held.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    since = time.monotonic()
    await pool.close()
    assert time.monotonic() - since < 5
    holding.cancel()
    await asyncio.wait([holding])
