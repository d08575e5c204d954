"""Does an installation start, heal, stop and die as one?"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import msgspec
import psutil
import pytest

from infra.embedded.folder import Account, CannotStart, stopping_folder
from infra.embedded.nats import EmbeddedNats
from infra.embedded.stack import announce, announced, generated_keys, needed_servers
from infra.settings import Settings
from infra.supervisor import Program, Supervisor
from tests.support.repository import ROOT
from tests.support.servers import is_gone
from tests.support.system import PACKAGES
from tests.support.waiting import until

REPOSITORY = Path(__file__).parents[2]
PARTS = ["postgres", "nats", "valkey", "idle"]


class Installation:
    """`tests.support.supervised` as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.pids: dict[str, int] = {}

    async def line(self) -> str:
        assert self.process.stdout
        raw = await asyncio.wait_for(self.process.stdout.readline(), 20)
        line = re.sub(r" +", " ", raw.decode().strip())
        self.lines.append(line)
        return line

    async def ready(self) -> None:
        while len(self.pids) < len(PARTS):
            if found := re.fullmatch(r"(\w+) pid (\d+)", await self.line()):
                self.pids[found[1]] = int(found[2])
            elif self.lines[-1] == "":
                raise AssertionError(await self.errors())

    async def errors(self) -> str:
        assert self.process.stderr
        return (await self.process.stderr.read()).decode()

    async def rest(self) -> list[str]:
        while await self.line():
            pass
        await self.process.wait()
        return [line for line in self.lines if line.endswith("stopped")]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@asynccontextmanager
async def installation(
    folder: Path, *before: str, python: str = sys.executable
) -> AsyncIterator[Installation]:
    packages = str(Path(msgspec.__file__).parents[1])  # another interpreter looks elsewhere
    process = await asyncio.create_subprocess_exec(
        *(*before, python, "-m", "tests.support.supervised", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": packages},
    )
    try:
        yield Installation(process)
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # `process.kill` may take the exit from asyncio
        await process.communicate()


async def test_parts_start_in_order_with_a_line_each_and_stop_in_reverse(data_folder: Path) -> None:
    async with installation(data_folder) as running:
        await running.ready()
        assert [line.split()[0] for line in running.lines[:4]] == PARTS
        assert re.fullmatch(r"postgres 127\.0\.0\.1:\d+", running.lines[0])
        family = running.family()
        os.kill(running.process.pid, signal.SIGTERM)
        assert await running.rest() == [f"{name} stopped" for name in reversed(PARTS)]
        assert running.process.returncode == 0
        assert all(is_gone(process) for process in family)


async def test_control_c_during_the_start_stops_what_runs(data_folder: Path) -> None:
    async with installation(data_folder) as running:
        assert (await running.line()).startswith("postgres ")
        family = running.family()
        os.kill(running.process.pid, signal.SIGINT)
        assert "postgres stopped" in await running.rest()
        assert all(is_gone(process) for process in family)


async def test_with_nohup_it_outlives_its_terminal(data_folder: Path) -> None:
    async with installation(data_folder, "nohup") as running:
        await running.ready()
        os.kill(running.process.pid, signal.SIGHUP)
        os.kill(running.pids["idle"], signal.SIGKILL)
        assert await running.line() == "idle ended (SIGKILL), starting it again"


@pytest.mark.parametrize("paused", [None, "nats", "idle"])
async def test_a_killed_supervisor_leaves_no_orphan_and_no_lock(
    data_folder: Path, paused: str | None
) -> None:
    async with installation(data_folder) as running:
        await running.ready()
        family = running.family()
        assert len(family) > len(PARTS)  # Postgres has children of its own
        if paused:
            os.kill(running.pids[paused], signal.SIGSTOP)
        os.kill(running.process.pid, signal.SIGKILL)
        await running.process.wait()
        await until(lambda: all(is_gone(process) for process in family))
        assert announced(data_folder) is None


async def test_a_start_ends_what_a_killed_supervisor_could_not(data_folder: Path) -> None:
    """A stopped Postgres cannot follow the immediate shutdown that it is sent."""
    async with installation(data_folder) as running:
        await running.ready()
        family = running.family()
        postgres = psutil.Process(running.pids["postgres"])
        for process in (postgres, *postgres.children()):
            process.suspend()
        os.kill(running.process.pid, signal.SIGKILL)
        await running.process.wait()
    async with installation(data_folder) as again:
        await again.ready()
        assert all(is_gone(process) for process in family)


async def test_a_second_supervisor_says_so_in_one_line(data_folder: Path) -> None:
    async with installation(data_folder) as running:
        await running.ready()
        async with installation(data_folder) as second:
            said = await second.errors()
            assert await second.process.wait() == 1
        assert said == (
            f"tasktrail is already running in {data_folder} (process {running.process.pid})\n"
        )
        assert all(psutil.pid_exists(pid) for pid in running.pids.values())


@pytest.mark.parametrize("name", PARTS)
async def test_a_killed_part_comes_back_at_its_address(data_folder: Path, name: str) -> None:
    async with installation(data_folder) as running:
        await running.ready()
        first = next(line for line in running.lines if line.startswith(name))
        os.kill(running.pids[name], signal.SIGKILL)
        assert await running.line() == f"{name} ended (SIGKILL), starting it again"
        assert await running.line() == first


async def test_other_commands_find_a_running_installation(data_folder: Path) -> None:
    async with installation(data_folder) as running:
        await running.ready()
        found = announced(data_folder)
        assert found
        connection = await asyncpg.connect(found["DATABASE_URL"])
        await connection.close()
    assert announced(data_folder) is None
    assert json.loads((data_folder / "running.json").read_text()) == found


async def test_a_stop_takes_back_what_was_announced(data_folder: Path) -> None:
    """It may hold keys that somebody keeps elsewhere."""
    async with installation(data_folder) as running:
        await running.ready()
        assert (data_folder / "running.json").exists()
        running.process.terminate()
        await running.rest()
        assert not (data_folder / "running.json").exists()


async def test_until_a_start_is_through_nobody_finds_the_servers_of_the_last_life(
    data_folder: Path,
) -> None:
    announce(data_folder, {"DATABASE_URL": "postgresql://gone"})
    found: list[object] = []

    async def starting() -> bool:
        found.append(announced(data_folder))
        return True

    part = Program("idle", ["/bin/sleep", "100"], env=dict, address="-", ready=starting)
    supervisor = Supervisor(data_folder, [part], say=lambda line: None)
    await supervisor.start()
    await supervisor.stop()
    assert found == [None]


async def test_parts_are_kept_and_stopped_when_nobody_hears_what_is_said(
    data_folder: Path,
) -> None:
    """As after a terminal was closed."""

    def say(line: str) -> None:
        raise BrokenPipeError

    first, second = (
        Program(name, ["/bin/sleep", "100"], env=dict, address="-") for name in ("first", "second")
    )
    supervisor = Supervisor(data_folder, [first, second], say=say)
    await supervisor.start()
    killed = first.pid
    os.kill(killed, signal.SIGKILL)
    await until(lambda: first.pid != killed)
    running = [psutil.Process(part.pid) for part in (first, second)]
    await supervisor.stop()
    assert all(is_gone(process) for process in running)


async def test_a_part_that_does_not_start_stops_the_ones_before_it(data_folder: Path) -> None:
    said: list[str] = []
    nats = EmbeddedNats(data_folder)
    broken = Program(
        "broken",
        [sys.executable, "-c", "raise SystemExit(3)"],
        env=dict,
        address="-",
        ready=lambda: asyncio.sleep(0, False),
    )
    with pytest.raises(CannotStart, match=r"^broken ended during its start \(code 3\)$"):
        await Supervisor(data_folder, [nats, broken], say=said.append).run()
    assert [line.split()[-1] for line in said] == [nats.address, "stopped"]


async def test_a_part_that_will_not_listen_is_killed_when_its_grace_is_over(
    data_folder: Path,
) -> None:
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(99)"
    )
    stubborn = Program("stubborn", [sys.executable, "-c", deaf], env=dict, address="-", grace=0.2)
    supervisor = Supervisor(data_folder, [stubborn], say=lambda _: None)
    await supervisor.start()
    process = psutil.Process(stubborn.pid)
    await supervisor.stop()
    assert is_gone(process)


def test_a_configured_server_has_no_embedded_twin(data_folder: Path) -> None:
    given = {"NATS_URL": "nats://elsewhere:4222", "TASKTRAIL_DATA": str(data_folder)}
    assert list(needed_servers(Settings.from_env(given))) == [
        "DATABASE_URL",
        "REDIS_URL",
        "S3_ENDPOINT_URL",
    ]


def test_keys_are_generated_once_and_fit_the_settings(data_folder: Path) -> None:
    settings = Settings.from_env({"TASKTRAIL_DATA": str(data_folder)})
    keys = generated_keys(settings)
    assert keys == generated_keys(settings)
    assert Settings.from_env({"DATABASE_URL": "postgresql://db/t", **keys}).master_key
    for file in (data_folder / "secrets").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="root can become another user, others cannot")
async def test_the_same_runs_as_an_unprivileged_user(data_folder: Path) -> None:
    nobody = Account(name="nobody", uid=65534, gid=65534)
    become = ("setpriv", f"--reuid={nobody.uid}", f"--regid={nobody.gid}", "--clear-groups")
    os.chown(data_folder, nobody.uid, nobody.gid)
    async with installation(data_folder, *become, python=python_for(nobody)) as running:
        await running.ready()
        assert {psutil.Process(pid).uids().real for pid in running.pids.values()} == {nobody.uid}
        os.kill(running.process.pid, signal.SIGTERM)
        assert len(await running.rest()) == len(PARTS)


def python_for(account: Account) -> str:
    """An interpreter like ours that the account can run; ours may be in a home of root's, and so
    may be the checkout itself."""
    for needed in (ROOT, *map(Path, PACKAGES)):
        if folder := stopping_folder(needed, account):
            pytest.skip(f"{account.name} cannot enter {folder}, in which this checkout is")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/local/bin/{name}", f"/usr/bin/{name}"):
        real = Path(found).resolve()
        if real.exists() and not stopping_folder(real.parent, account):
            return found
    pytest.skip(f"no {name} that {account.name} can reach")
