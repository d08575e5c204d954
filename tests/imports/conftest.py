"""An installation of its own for each test, and a way to look at it as its people do."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from gateway.bootstrap.rebuilding import chosen, rebuild_all
from gateway.bootstrap.verifying import findings
from infra.embedded.s3 import EmbeddedS3
from infra.settings import Settings
from queries.waiting import Waiter
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings
from tests.support.log import Log, open_log
from tests.support.old_systems import OldSystem, old_system

Serving = Callable[[], AbstractAsyncContextManager[RunningApp]]


@pytest.fixture
def settings(database: str, nats_url: str) -> Settings:
    return settings_for(database, nats_url, rate_limit=0, taskhub_rate_limit=0)


@pytest.fixture
def with_files(database: str, nats_url: str, s3: EmbeddedS3) -> Settings:
    return settings_for(database, nats_url, rate_limit=0, **s3_settings(s3, "imports"))


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def taskflow(postgres_url: str) -> AsyncIterator[OldSystem]:
    async with old_system(postgres_url, "taskflow") as old:
        yield old


@pytest.fixture
async def todo(postgres_url: str) -> AsyncIterator[OldSystem]:
    async with old_system(postgres_url, "todo") as old:
        yield old


@pytest.fixture
async def taskhub(postgres_url: str) -> AsyncIterator[OldSystem]:
    async with old_system(postgres_url, "taskhub") as old:
        yield old


@pytest.fixture
async def phase3(postgres_url: str) -> AsyncIterator[OldSystem]:
    async with old_system(postgres_url, "phase3") as old:
        yield old


@pytest.fixture
async def taskmanager(postgres_url: str) -> AsyncIterator[OldSystem]:
    async with old_system(postgres_url, "taskmanager") as old:
        yield old


@pytest.fixture
def serving(settings: Settings) -> Serving:
    """The whole system on what has moved in."""
    return lambda: running_app(settings, worker=True)


async def demand_sound(settings: Settings, log: Log) -> None:
    """While a worker runs: nothing is wrong with the log, and read models follow from it."""
    waiter = Waiter(log.pool, log.log_id)
    try:
        for projection in chosen([]):
            await waiter.wait_for(projection.name, await log.reader.head(), seconds=20)
    finally:
        await waiter.close()
    assert [finding async for finding in findings(settings)] == []
    await rebuild_all(settings, chosen([]))
    assert [finding async for finding in findings(settings)] == []
