"""Shares of requests: exact across processes, and never in the way when Valkey is."""

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from infra.embedded.valkey import EmbeddedValkey
from infra.limits import Ask, LocalLimits, RateLimiter, Tries
from tests.support.waiting import until


def ask(key: str = "a", limit: int = 3, cost: int = 1) -> Ask:
    return Ask(key, limit, 60.0, cost)


def test_a_share_is_used_up_and_comes_back_evenly() -> None:
    limits = LocalLimits()
    assert [limits.decide(ask(), now=0).remaining for _ in range(3)] == [2, 1, 0]
    refused = limits.decide(ask(), now=0)
    assert (refused.allowed, refused.retry_after, refused.reset) == (False, 20.0, 60.0)
    assert not limits.decide(ask(), now=19.9).allowed
    assert limits.decide(ask(), now=20).allowed
    assert not limits.decide(ask(), now=20).allowed
    assert limits.decide(ask(cost=0), now=200).remaining == 3


def test_asking_costs_nothing_and_what_is_given_back_may_be_used_again() -> None:
    limits = LocalLimits()
    for _ in range(3):
        limits.decide(ask(), now=0)
    assert not limits.decide(ask(cost=0), now=0).allowed
    assert limits.decide(ask(cost=-1), now=0).remaining == 1
    assert limits.decide(ask(cost=0), now=0).remaining == 1
    assert limits.decide(ask(), now=0).allowed


def test_callers_beyond_what_is_kept_push_out_the_longest_unseen() -> None:
    limits = LocalLimits(max_keys=2)
    for key in ("a", "b", "a", "c"):
        limits.decide(ask(key), now=0)
    assert len(limits) == 2
    assert limits.decide(ask("a", cost=0), now=0).remaining == 1
    assert limits.decide(ask("b", cost=0), now=0).remaining == 3


async def test_processes_that_count_in_valkey_let_exactly_the_limit_through(redis_url: str) -> None:
    key = uuid4().hex
    async with RateLimiter(redis_url) as one, RateLimiter(redis_url) as other:
        asked = [each.allow(key, 100, 3600) for _ in range(150) for each in (one, other)]
        allowed = [decision.allowed for decision in await asyncio.gather(*asked)]
        assert sum(allowed) == 100
        assert not one.away


async def test_valkey_counts_as_a_process_alone_does(redis_url: str) -> None:
    key = uuid4().hex
    alone = LocalLimits()
    async with RateLimiter(redis_url) as limiter:
        for cost in (1, 0, 1, 1, 1, 0, -1, 1, -1, -1, -1, -1, 0):
            decision = await limiter.allow(key, 3, 3600, cost)
            expected = alone.decide(Ask(key, 3, 3600, cost), now=0)
            assert decision.allowed == expected.allowed
            assert decision.remaining == expected.remaining
            assert decision.retry_after == pytest.approx(expected.retry_after, abs=5)


async def test_tries_wait_and_are_forgotten(redis_url: str) -> None:
    key = uuid4().hex
    async with RateLimiter(redis_url) as limiter:
        tries = Tries(limiter)
        assert [await tries.allow(key, 2, 60) for _ in range(2)] == [None, None]
        wait = await tries.allow(key, 2, 60)
        assert wait == pytest.approx(30, abs=2)
        await tries.forget(key)
        assert await tries.allow(key, 2, 60) is None


async def test_no_limit_asks_nobody() -> None:
    async with RateLimiter("redis://127.0.0.1:1/0") as limiter:
        assert (await limiter.allow("a", 0, 60)).allowed
        assert not limiter.away


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_valkey_that_goes_away_delays_one_answer_and_refuses_none(
    data_folder: Path, how: signal.Signals
) -> None:
    async with EmbeddedValkey(data_folder) as valkey, RateLimiter(valkey.url) as limiter:
        assert (await limiter.allow("a", 5, 3600)).remaining == 4
        pid = valkey.pid
        os.kill(pid, how)
        async with asyncio.timeout(1.5):
            decisions = [await limiter.allow("a", 5, 3600) for _ in range(6)]
        assert [decision.allowed for decision in decisions] == [True] * 5 + [False]
        assert limiter.away
        if how == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)
            await until(lambda: not limiter.away, within=5)
            assert (await limiter.allow("a", 5, 3600)).remaining <= 4
