"""How much each caller may ask, over HTTP."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.embedded.valkey import EmbeddedValkey
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database

LIMIT = 20


@pytest.fixture
async def limited(
    database: str, nats_url: str, data_folder: Path
) -> AsyncIterator[tuple[RunningApp, EmbeddedValkey]]:
    async with EmbeddedValkey(data_folder) as valkey:
        settings = settings_for(database, nats_url, redis_url=valkey.url, rate_limit=LIMIT)
        async with running_app(settings) as running:
            yield running, valkey


async def test_an_answer_says_what_is_left(limited: tuple[RunningApp, EmbeddedValkey]) -> None:
    running, _ = limited
    answer = await running.client.get("/v1/problems")
    assert answer.headers["RateLimit-Policy"] == f'"default";q={LIMIT};w=60'
    assert answer.headers["RateLimit"] == f'"default";r={LIMIT - 1};t=3'


async def test_one_over_is_a_429_that_says_when(
    limited: tuple[RunningApp, EmbeddedValkey],
) -> None:
    running, _ = limited
    answers = [await running.client.get("/v1/problems") for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    last = answers[-1]
    assert last.json()["code"] == "rate-limited"
    assert 1 <= int(last.headers["Retry-After"]) <= 4
    assert last.headers["RateLimit"].startswith('"default";r=0;')


async def test_accounts_have_shares_of_their_own(
    limited: tuple[RunningApp, EmbeddedValkey],
) -> None:
    running, _ = limited
    ada, eve = await running.headers(), await running.headers()
    for _ in range(LIMIT):
        assert (await running.client.get("/v1/problems", headers=ada)).status_code == 200
    assert (await running.client.get("/v1/problems", headers=ada)).status_code == 429
    assert (await running.client.get("/v1/problems", headers=eve)).status_code == 200
    assert (await running.client.get("/v1/problems")).status_code == 200


async def test_what_watches_over_us_is_never_limited(
    limited: tuple[RunningApp, EmbeddedValkey],
) -> None:
    running, _ = limited
    for path in ("/live", "/ready", "/metrics"):
        for _ in range(LIMIT + 1):
            assert (await running.client.get(path)).status_code == 200


async def test_without_valkey_requests_are_counted_here_and_none_fails(
    limited: tuple[RunningApp, EmbeddedValkey],
) -> None:
    running, valkey = limited
    assert (await running.client.get("/v1/problems")).status_code == 200
    os.kill(valkey.pid, signal.SIGKILL)
    statuses = [(await running.client.get("/v1/problems")).status_code for _ in range(LIMIT + 1)]
    assert statuses == [200] * LIMIT + [429]
    health = (await running.client.get("/health")).json()
    assert (health["status"], health["parts"]["valkey"]) == ("degraded", "away")


async def test_a_limit_of_zero_is_none(postgres_url: str, nats_url: str) -> None:
    async with (
        fresh_database(postgres_url) as url,
        running_app(settings_for(url, nats_url, rate_limit=0)) as running,
    ):
        answer = await running.client.get("/v1/problems")
        assert "RateLimit" not in answer.headers
