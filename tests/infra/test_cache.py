"""What the cache remembers, and for how long."""

import asyncio

import pytest

from infra import cache as module
from infra.cache import Cache
from tests.support.waiting import until_answered


@pytest.mark.parametrize("near", [0, 1000])
async def test_a_value_is_remembered_for_its_position_only(redis_url: str, near: int) -> None:
    async with Cache(redis_url, near) as cache:
        await cache.put("question", 7, b"a\nb", 60)
        assert await cache.get("question", 7) == b"a\nb"
        assert await cache.get("question", 8) is None
        assert await cache.get("other", 7) is None
        await cache.put("question", 8, b"c", 60)
        assert await cache.get("question", 7) is None
        assert (cache.hits, cache.misses) == (1, 3)


@pytest.mark.parametrize("near", [0, 1000])
async def test_a_value_ends_with_its_time(redis_url: str, near: int) -> None:
    async with Cache(redis_url, near) as cache:
        await cache.put("over", 1, b"x", 0)
        assert await cache.get("over", 1) is None
        await cache.put("soon", 1, b"x", 0.02)

        async def is_gone() -> bool:
            return await cache.get("soon", 1) is None

        await until_answered(is_gone)


async def test_many_may_ask_at_once(redis_url: str) -> None:
    async with Cache(redis_url) as cache:
        await cache.put("question", 1, b"x", 60)
        found = await asyncio.gather(*(cache.get("question", 1) for _ in range(100)))
        assert found == [b"x"] * 100


async def test_processes_share_what_they_know(redis_url: str) -> None:
    async with Cache(redis_url, 1000) as one, Cache(redis_url, 1000) as other:
        await one.put("shared", 7, b"first", 60)
        assert await other.get("shared", 7) == b"first"
        await other.put("shared", 8, b"second", 60)
        assert await one.get("shared", 8) == b"second"


async def test_a_process_remembers_what_it_used_last_without_valkey() -> None:
    async with Cache(None, 10) as cache:
        for key in ("a", "b", "c"):
            await cache.put(key, 1, b"four", 60)
            assert await cache.get(key, 1) == b"four"
            await cache.get("b", 1)
        assert [await cache.get(key, 1) for key in ("a", "b", "c")] == [None, b"four", b"four"]
        await cache.put("large", 1, b"eleven more", 60)
        assert [await cache.get(key, 1) for key in ("b", "c", "large")] == [None] * 3


async def test_without_valkey_nothing_is_remembered() -> None:
    for url in (None, "redis://127.0.0.1:9"):
        async with Cache(url) as cache:
            await cache.put("question", 1, b"x", 60)
            assert await cache.get("question", 1) is None


async def test_that_valkey_is_away_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    async with Cache("redis://127.0.0.1:1") as cache:
        await asyncio.gather(*(cache.get("question", 1) for _ in range(5)))
        await cache.put("question", 1, b"x", 60)
    [said] = caplog.messages
    assert "not cached" in said
