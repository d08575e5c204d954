"""Do the fixtures that every other test builds on give real, separate servers?"""

import asyncpg
import nats
import pytest
import redis.asyncio as redis


@pytest.mark.parametrize("_attempt", [1, 2])
async def test_each_test_gets_an_empty_database(database: str, _attempt: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("create table mine (id int)")
        assert await connection.fetchval("show fsync") == "on"
        assert await connection.fetchval("show synchronous_commit") == "on"
    finally:
        await connection.close()


async def test_nats_comes_with_jetstream_and_room_for_two_megabytes(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    try:
        assert client.max_payload == 2 << 20
        assert (await client.jetstream().account_info()).streams >= 0
    finally:
        await client.close()


async def test_valkey_keeps_nothing_on_disk(redis_url: str) -> None:
    async with redis.from_url(redis_url) as client:
        assert await client.config_get("save") == {"save": ""}
        assert await client.config_get("appendonly") == {"appendonly": "no"}
