"""A log for each test of read models."""

from collections.abc import AsyncIterator

import pytest

from tests.support.log import Log, open_log


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database, pool_size=10) as opened:
        yield opened
