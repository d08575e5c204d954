"""Is a worker held up by a question that it asks for a warning's sake?"""

import pytest

from gateway.bootstrap.worker import warn_of_zones
from infra.postgres import Pool


async def test_a_worker_begins_although_postgres_looks_for_its_zones_too_long(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    pool = await Pool.open(database, 1, statement_seconds=0.001)
    try:
        await warn_of_zones(pool)
    finally:
        await pool.close()
    [said] = caplog.messages
    assert "time zones" in said
