"""Does it matter to anybody that the cache is gone?"""

import time

import httpx
from redis.asyncio import Redis

from tests.support.demands import demand_everything
from tests.support.system import LOGIN_LIMIT, System
from tests.support.traffic import traffic


async def test_a_valkey_that_is_killed_flushed_or_hangs_is_not_missed(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            await system.replaced(system.kill("valkey"), "valkey")
            await flow.more(40)
            flow.tell("Valkey killed", fault)
        assert system.settings.redis_url is not None
        async with Redis.from_url(system.settings.redis_url) as valkey:
            for _ in range(5):
                await valkey.flushall()
                await flow.instant()
        fault = time.monotonic()
        async with system.stopped("valkey"):
            await flow.more(60)
            await demand_bad_logins_are_counted(system)
        flow.tell("Valkey stopped", fault)
        assert flow.refused == 0
        await demand_everything(system, flow)


async def demand_bad_logins_are_counted(system: System) -> None:
    login = {"login": "nobody@example.org", "password": "not this one"}
    async with httpx.AsyncClient(base_url=system.base, timeout=5) as client:
        answers = [await client.post("/v1/sessions", json=login) for _ in range(LOGIN_LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [401] * LOGIN_LIMIT + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
