"""Does a start that cannot succeed say why, in one line, and end?"""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.test_supervisor import python_for
from tests.support.system import BECOME, NOBODY, System, starting


@pytest.fixture
def closed_folder(data_folder: Path) -> Iterator[Path]:
    data_folder.chmod(0o555)
    yield data_folder
    data_folder.chmod(0o711)


async def test_a_taken_port_is_named(data_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with starting(data_folder / "data", settings={"PORT": str(port)}) as system:
            assert await system.process.wait() == 1
            assert system.said == (
                f"tasktrail: cannot listen on 127.0.0.1:{port}: Address already in use;"
                " set HOST or PORT to another\n"
            )
        assert not (data_folder / "data").exists()


async def test_commands_in_another_shell_know_a_key_that_was_given(data_folder: Path) -> None:
    async with starting(data_folder, settings={"SECRET_KEY": "a secret of an older server"}) as up:
        await up.ready()
        shell = {name: text for name, text in up.environment.items() if name != "SECRET_KEY"}
        code, said = await System(up.process, up.folder, shell, data_folder).tasktrail("verify")
        assert (code, said.split(":")[0]) == (0, "verified"), said
        assert await up.terminated() == 0


async def test_every_bad_setting_is_named(data_folder: Path) -> None:
    bad = {"TASKTRAIL_POOL_SIZE": "many", "TASKTRAIL_RATE_LIMITS": "5", "NATS_URL": "http://x"}
    async with starting(data_folder / "data", settings=bad) as system:
        assert await system.process.wait() == 2
        assert sorted(line.split()[1] for line in system.said.splitlines()) == sorted(bad)


async def test_a_folder_that_cannot_be_made_is_named(data_folder: Path) -> None:
    (data_folder / "file").write_text("not a folder")
    async with starting(data_folder / "file" / "data") as system:
        assert await system.process.wait() == 1
        assert len(system.said.splitlines()) == 1
        assert str(data_folder / "file") in system.said
        assert "TASKTRAIL_DATA" in system.said


async def test_a_folder_that_is_not_writable_is_named(closed_folder: Path) -> None:
    before, python = ((), sys.executable) if os.geteuid() else (BECOME, python_for(NOBODY))
    async with starting(closed_folder / "data", before=before, python=python) as system:
        assert await system.process.wait() == 1
        assert len(system.said.splitlines()) == 1
        assert str(closed_folder) in system.said
        assert "TASKTRAIL_DATA" in system.said
