"""The whole system as `tasktrail up` runs it, in processes that tests may kill."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import msgspec
import psutil

from infra.embedded.folder import Account
from infra.embedded.ports import free_port
from infra.embedded.stack import announced
from infra.settings import Settings
from tests.support.repository import ROOT
from tests.support.servers import is_gone
from tests.support.waiting import until, until_so

COMMAND = ("-m", "gateway.cli")
PROGRAMS = {"serve": "api", "work": "worker", "nats-server": "nats", "valkey-server": "valkey"}
NOBODY = Account(name="nobody", uid=65534, gid=65534)
BECOME = ("setpriv", f"--reuid={NOBODY.uid}", f"--regid={NOBODY.gid}", "--clear-groups")
# Where an interpreter that is not ours does not look; the last is for one before 3.11.3.
PACKAGES = (str(Path(msgspec.__file__).parents[1]), str(Path(__file__).with_name("older")))
LOGIN_LIMIT = 5
# Passwords cost little, and requests are counted, but no test asks that often.
CHEAP = {"TASKTRAIL_BCRYPT_COST": "4", "TASKTRAIL_RATE_LIMIT": "1000000"}


class System:
    """One `tasktrail up`. What it says, errors included, is in `said`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.process = process
        self.folder = folder
        self.environment = environment
        self.base = f"http://127.0.0.1:{environment['PORT']}"
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def settings(self) -> Settings:
        """Those of a process beside it, once it is up."""
        return Settings.from_env({**self.environment, **(announced(self.folder) or {})})

    async def ready(self, within: float = 60.0) -> float:
        """Once requests would succeed; how long that took."""
        began = time.monotonic()
        async with httpx.AsyncClient(base_url=self.base, timeout=2) as client:

            async def is_ready() -> bool:
                assert self.process.returncode is None, self.said
                try:
                    return (await client.get("/ready")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until_so(is_ready, within)
        return time.monotonic() - began

    def part(self, name: str) -> psutil.Process:
        """The process of a part; it must run."""
        found = self.parts().get(name)
        assert found is not None, f"no {name} runs: {self.said}"
        return found

    def parts(self) -> dict[str, psutil.Process]:
        parts = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error, IndexError):
                words = child.cmdline()
                if child.status() != psutil.STATUS_ZOMBIE:
                    program = Path(words[0]).name
                    parts[PROGRAMS.get(words[-1]) or PROGRAMS.get(program, program)] = child
        return parts

    def tree(self, name: str) -> list[psutil.Process]:
        part = self.part(name)
        return [part, *part.children(recursive=True)]

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> psutil.Process:
        victim = self.part(name)
        victim.send_signal(number)
        return victim

    @asynccontextmanager
    async def stopped(self, name: str) -> AsyncIterator[None]:
        """Every process of the part hangs meanwhile."""
        hanging = self.tree(name)
        for process in hanging:
            process.suspend()
        try:
            yield
        finally:
            for process in hanging:
                process.resume()

    async def replaced(self, victim: psutil.Process, name: str, within: float = 20.0) -> None:
        """Once another process plays the part."""
        await until(lambda: is_gone(victim), within)
        await until(lambda: self.parts().get(name) not in (None, victim), within)

    async def tasktrail(self, *arguments: str) -> tuple[int, str]:
        """Another command on the same data: its exit code, and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *COMMAND, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
            env=self.environment,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def terminated(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code, once it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)  # `send_signal` may take the exit from asyncio
        return await self.process.wait()


def environment_for(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """Nothing is inherited that would be a setting."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"PYTHONPATH": ":".join(PACKAGES), "TASKTRAIL_DATA": str(folder), "PORT": str(port)}
    return {**inherited, **CHEAP, **own, **settings}


@asynccontextmanager
async def starting(
    folder: Path,
    *,
    python: str = sys.executable,
    before: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[System]:
    """`tasktrail up` on that folder, not ready yet; killed afterwards if it still runs."""
    environment = environment_for(folder, free_port(), **(settings or {}))
    with tempfile.NamedTemporaryFile(prefix="tasktrail-said-") as said:
        process = await asyncio.create_subprocess_exec(
            *(*before, python, *COMMAND, "up"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=ROOT,
            env=environment,
        )
        system = System(process, folder, environment, Path(said.name))
        try:
            yield system
        finally:
            family = system.family() if process.returncode is None else []
            await system.terminated(signal.SIGKILL)
            await until(lambda: all(is_gone(each) for each in family))


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[System]:
    """The system, ready; stopped politely afterwards."""
    async with starting(folder) as system:
        await system.ready()
        yield system
        if system.process.returncode is None:
            assert await system.terminated() == 0, system.said


@asynccontextmanager
async def another_worker(system: System) -> AsyncIterator[psutil.Process]:
    """`tasktrail work`, joined to the same servers."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *COMMAND, "work"), cwd=ROOT, env=system.environment
    )
    worker = psutil.Process(process.pid)
    try:
        yield worker
    finally:
        with suppress(psutil.NoSuchProcess):
            worker.kill()
        await process.wait()
