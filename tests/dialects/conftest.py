"""One system for the contract tests of all dialects."""

from collections.abc import AsyncIterator

import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings
from tests.support.hub import Hub, registration
from tests.support.patience import patience as patience
from tests.support.servers import fresh_database
from tests.support.taskmanager import Manager, joined
from tests.support.todo import BETTER_AUTH_SECRET, Todo


@pytest.fixture(scope="session")
async def system(
    postgres_url: str, nats_url: str, redis_url: str, s3: EmbeddedS3
) -> AsyncIterator[RunningApp]:
    async with fresh_database(postgres_url) as url:
        files = s3_settings(s3, "taskhub")
        free = {f"taskmanager_{each}_limit": 0 for each in ("login", "register", "task", "upload")}
        free |= {"rate_limit": 0, "taskhub_rate_limit": 0}
        others = {"better_auth_secret": BETTER_AUTH_SECRET}
        settings = settings_for(url, nats_url, redis_url=redis_url, **free, **files, **others)
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.fixture
async def hub(system: RunningApp) -> Hub:
    answer = await system.client.post("/taskhub/api/auth/register", json=registration())
    assert answer.status_code == 201, answer.text
    return Hub(system.client, answer.json()["user"], answer.json()["access_token"])


@pytest.fixture
async def manager(system: RunningApp) -> Manager:
    return await joined(system.client)


@pytest.fixture
async def stranger(system: RunningApp) -> Manager:
    """Somebody else who uses Task Manager."""
    return await joined(system.client)


@pytest.fixture
async def colleague(system: RunningApp) -> Hub:
    answer = await system.client.post("/taskhub/api/auth/register", json=registration())
    return Hub(system.client, answer.json()["user"], answer.json()["access_token"])


@pytest.fixture
def todo(system: RunningApp) -> Todo:
    """Somebody new, of whom nobody here has heard yet."""
    return Todo(system.client)
