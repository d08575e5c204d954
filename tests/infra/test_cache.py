"""What the cache remembers, and for how long."""

from infra.cache import Cache
from tests.support.waiting import until_answered


async def test_a_value_is_remembered_for_its_position_only(redis_url: str) -> None:
    async with Cache(redis_url) as cache:
        await cache.put("question", 7, b"a\nb", 60)
        assert await cache.get("question", 7) == b"a\nb"
        assert await cache.get("question", 8) is None
        assert await cache.get("other", 7) is None
        await cache.put("question", 8, b"c", 60)
        assert await cache.get("question", 7) is None
        assert (cache.hits, cache.misses) == (1, 3)


async def test_a_value_ends_with_its_time(redis_url: str) -> None:
    async with Cache(redis_url) as cache:
        await cache.put("over", 1, b"x", 0)
        assert await cache.get("over", 1) is None
        await cache.put("soon", 1, b"x", 0.02)

        async def is_gone() -> bool:
            return await cache.get("soon", 1) is None

        await until_answered(is_gone)


async def test_without_valkey_nothing_is_remembered() -> None:
    for url in (None, "redis://127.0.0.1:9"):
        async with Cache(url) as cache:
            await cache.put("question", 1, b"x", 60)
            assert await cache.get("question", 1) is None
