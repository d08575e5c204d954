"""What a machine finds that takes the description at its word, on the running API."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings

# Switched off, with the reason:
SWITCHED_OFF = (
    # Takes a 422 or 412 for a mistake whenever the schema allows the value. That an assignee is
    # no member, that a cursor is of another list, that a version is stale: no schema can say it.
    "positive_data_acceptance",
)
# A session that is signed out, or whose password is changed by chance, ends the run: both are
# tested by name elsewhere.
LEFT_OUT = ("signOut", "changePassword")
# Waiting for events is tested elsewhere. By itself `negative_data_rejection` counts fewer
# statuses among the refusals.
CONFIG = """
[parameters]
"query.wait" = 0

[checks]
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "408", "409", "410", "412", "413", "414", "415", "422",
    "428", "429", "431",
]
"""
PHASES = "examples,coverage,fuzzing,stateful"
EXAMPLES = 3


@pytest.fixture
async def unlimited(database: str, nats_url: str, s3: EmbeddedS3) -> AsyncIterator[RunningApp]:
    """Its thousands of requests would use up one caller's share."""
    settings = settings_for(database, nats_url, rate_limit=0, **s3_settings(s3))
    async with running_app(settings, worker=True) as running:
        yield running


async def test_schemathesis_finds_nothing(unlimited: RunningApp, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    token = (await unlimited.register())["access_token"]
    left_out = [word for name in LEFT_OUT for word in ("--exclude-operation-id", name)]
    running = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", "schemathesis.toml", "run", f"{unlimited.base}/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {token}"),
        *("--phases", PHASES, "--max-examples", str(EXAMPLES), "--generation-database", "none"),
        *("--checks", "all", "--exclude-checks", ",".join(SWITCHED_OFF)),
        *("--continue-on-failure", "--request-timeout", "20", *left_out),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await running.communicate()
    said = "\n".join(line[:300] for line in output.decode().splitlines())
    assert running.returncode == 0, said
