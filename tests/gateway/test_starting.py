"""What cannot serve says why in one line, and ends with an exit code that is not 0."""

import asyncio
import base64
import os
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest

from infra.embedded.ports import free_port
from infra.keys import Keys
from infra.postgres import connect
from tests.support.api import SECRET_KEY
from tests.support.appends import an_append
from tests.support.log import MASTER_KEY, open_log


async def said(command: str, database: str, nats_url: str, key: bytes) -> tuple[int | None, str]:
    """The exit code and what stands on standard error."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "DATABASE_URL": database,
        "NATS_URL": nats_url,
        "TASKTRAIL_MASTER_KEY": base64.b64encode(key).decode(),
        "SECRET_KEY": SECRET_KEY,
        "PORT": str(free_port()),
    }
    arguments = ("-m", "gateway.cli", command)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(30):
            _, error = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, error.decode()


@pytest.mark.parametrize("command", ["serve", "work", "status"])
async def test_another_master_key_is_refused(database: str, nats_url: str, command: str) -> None:
    async with open_log(database) as log:
        _, change = Keys(log.pool, MASTER_KEY).create(an_append().stream)
        await log.appender.append(an_append(secrets=[change]))
    code, error = await said(command, database, nats_url, b"another master key of 32 bytes..")
    assert (code, error.count("\n")) == (2, 1), error
    assert "TASKTRAIL_MASTER_KEY" in error


@pytest.mark.parametrize("command", ["serve", "work", "status", "replay", "dead-letters"])
async def test_a_database_that_is_not_there_is_named(
    postgres_url: str, nats_url: str, command: str
) -> None:
    nowhere = urlunsplit(urlsplit(postgres_url)._replace(path="/nowhere"))
    code, error = await said(command, nowhere, nats_url, MASTER_KEY)
    assert (code, error.count("\n")) == (1, 1), error
    assert 'cannot connect to the database: database "nowhere" does not exist' in error


@pytest.mark.parametrize("command", ["status", "replay", "dead-letters"])
async def test_a_database_that_nobody_prepared_is_no_fault_of_ours(
    database: str, nats_url: str, command: str
) -> None:
    code, error = await said(command, database, nats_url, MASTER_KEY)
    assert (code, error.count("\n")) == (1, 1), error
    assert "this database has no log yet" in error


async def test_a_database_in_which_we_may_make_nothing_is_named(
    database: str, nats_url: str
) -> None:
    parts = urlsplit(database)
    theirs = parts._replace(netloc=f"guest:guest@{parts.hostname}:{parts.port}")
    connection = await connect(database)
    try:
        await connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        code, error = await said("serve", urlunsplit(theirs), nats_url, MASTER_KEY)
        await connection.execute("DROP ROLE guest")
    finally:
        await connection.close()
    assert (code, error.count("\n")) == (1, 1), error
    assert "cannot prepare the database: permission denied" in error
