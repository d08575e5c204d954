"""The API that the tests of the edge share, and one with short deadlines."""

from collections.abc import AsyncIterator

import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings
from tests.support.patience import patience as patience
from tests.support.servers import fresh_database


@pytest.fixture(scope="session")
async def served(
    postgres_url: str, nats_url: str, redis_url: str, s3: EmbeddedS3
) -> AsyncIterator[RunningApp]:
    """On a real port, with a worker."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url,
            nats_url,
            redis_url=redis_url,
            cors_origins=("https://tasks.example.org",),
            **s3_settings(s3),
        )
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.fixture(scope="session")
async def hurried(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """As `served`, but a second is long."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url, nats_url, header_seconds=1, body_seconds=1, request_seconds=1, rate_limit=0
        )
        async with running_app(settings) as running:
            yield running
