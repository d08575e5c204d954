"""What `/health` says of the store for files, on which nothing else depends."""

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings

Json = dict[str, Any]


async def health(running: RunningApp) -> tuple[str, str]:
    """What it says of everything, and of files; it is ready in any case."""
    assert (await running.client.get("/ready")).status_code == 200
    answer = await running.client.get("/health")
    assert answer.status_code == 200
    return answer.json()["status"], answer.json()["parts"]["s3"]


async def test_without_a_store_it_is_off_and_all_is_well(
    database: str, nats_url: str, redis_url: str
) -> None:
    async with running_app(settings_for(database, nats_url, redis_url=redis_url)) as running:
        assert await health(running) == ("ok", "off")


async def test_a_store_that_dies_or_hangs_is_named_until_it_is_back(
    database: str, nats_url: str, redis_url: str, data_folder: Path
) -> None:
    async with EmbeddedS3(data_folder) as server:
        settings = settings_for(database, nats_url, redis_url=redis_url, **s3_settings(server))
        async with running_app(settings) as running:
            assert await health(running) == ("ok", "ok")
            os.kill(server.pid, signal.SIGKILL)
            await server.wait()
            assert await health(running) == ("degraded", "away")
            await server.start()
            assert await health(running) == ("ok", "ok")
            hanging = psutil.Process(server.pid)
            hanging.suspend()
            try:
                assert await health(running) == ("degraded", "away")
            finally:
                hanging.resume()


@pytest.mark.parametrize("wrong", ["s3_secret_key", "s3_access_key"])
async def test_wrong_keys_are_called_that(
    database: str, nats_url: str, redis_url: str, s3: EmbeddedS3, wrong: str
) -> None:
    changes = {**s3_settings(s3), wrong: "another"}
    async with running_app(
        settings_for(database, nats_url, redis_url=redis_url, **changes)
    ) as running:
        status, files = await health(running)
        assert (status, files.partition(":")[0]) == ("degraded", "refused")
