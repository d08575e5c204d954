"""The servers that tests share, started when the first test asks for one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from infra.embedded.nats import EmbeddedNats
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.s3 import EmbeddedS3
from infra.embedded.valkey import EmbeddedValkey
from tests.support.servers import fast_places, fresh_database, reachable_folder


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    with reachable_folder(fast_places()) as folder:
        yield folder


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A data folder of the test's own, for servers that it may harm."""
    with reachable_folder(fast_places()) as folder:
        yield folder


@pytest.fixture(scope="session")
async def postgres_url(session_folder: Path) -> AsyncIterator[str]:
    async with EmbeddedPostgres(session_folder) as server:
        yield server.url


@pytest.fixture(scope="session")
async def nats_url(session_folder: Path) -> AsyncIterator[str]:
    async with EmbeddedNats(session_folder) as server:
        yield server.url


@pytest.fixture(scope="session")
async def redis_url(session_folder: Path) -> AsyncIterator[str]:
    async with EmbeddedValkey(session_folder) as server:
        yield server.url


@pytest.fixture(scope="session")
async def s3(session_folder: Path) -> AsyncIterator[EmbeddedS3]:
    async with EmbeddedS3(session_folder) as server:
        yield server


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[str]:
    """A fresh empty database on the shared server, dropped afterwards; its URL."""
    async with fresh_database(postgres_url) as url:
        yield url
