"""The whole system as `tasktrail up` runs it, on a disk, for a benchmark to load."""

import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.embedded.child import Child
from infra.embedded.stack import announced
from tests.benchmarks.load import HOST, UnexpectedAnswer, json_answer, request
from tests.support.repository import ROOT
from tests.support.servers import reachable_folder
from tests.support.waiting import until_answered

# Passwords cost little, and rates are counted but never reached: neither is what is measured.
SETTINGS = {"TASKTRAIL_BCRYPT_COST": "4", "TASKTRAIL_RATE_LIMIT": "1000000"}


class System:
    def __init__(self, folder: Path, port: int, environment: Mapping[str, str], pid: int) -> None:
        self.folder = folder
        self.port = port
        self._environment = environment
        self._pid = pid

    @property
    def environment(self) -> dict[str, str]:
        """That of a program beside the ones that run: where the servers are."""
        known = announced(self.folder)
        assert known is not None, "the supervisor has announced its servers"
        return {**self._environment, **known}

    async def tokens(self, count: int) -> list[str]:
        """Access tokens of so many new accounts."""
        return [await self._register(number) for number in range(count)]

    async def _register(self, number: int) -> str:
        body = {
            "email": f"caller-{number}-{os.urandom(4).hex()}@example.org",
            "full_name": f"Caller {number}",
            "password": "correct horse battery",
        }
        registering = request("POST", "/v1/accounts", body=body)
        _, made = await json_answer(self.port, registering, status=201)
        return str(made["access_token"])

    async def caught_up(self) -> float:
        """Once every read model shows the head of the log; how long that took."""
        began = time.monotonic()
        await until_answered(self.current, within=60)
        return time.monotonic() - began

    async def current(self) -> bool:
        return await self.lag() == 0

    async def lag(self) -> int:
        """By how many events the last of the read models is behind."""
        _, health = await json_answer(self.port, request("GET", "/health"), status=200)
        return max(int(each["lag"]) for each in health["projections"].values())

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used so far; ourselves are the `load`."""
        used = {"load": _seconds(psutil.Process())}
        for process in psutil.Process(self._pid).children():
            name = _part(process)
            used[name] = sum(map(_seconds, [process, *process.children()]))
        return used

    def resident(self) -> dict[str, int]:
        """Bytes of memory of our own processes, each with those that it began."""
        parts = {_part(each): each for each in psutil.Process(self._pid).children()}
        return {name: _resident(parts[name]) for name in ("api", "worker")}


@asynccontextmanager
async def system(**settings: str) -> AsyncIterator[System]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TASKTRAIL_")}
    with reachable_folder() as folder:
        port = free_port()
        environment = {
            **inherited,
            **SETTINGS,
            **settings,
            "TASKTRAIL_DATA": str(folder),
            "PORT": str(port),
        }
        async with program("gateway.cli", "up", environment=environment, log=folder) as child:
            await _until_ready(child, port, folder / "gateway.cli.log")
            yield System(folder, port, environment, child.pid)


@dataclass(frozen=True)
class Idle:
    """An API whose extra routes do nothing."""

    port: int
    pid: int

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """It follows the log as every API does, which is no part of what is measured beside it."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@asynccontextmanager
async def doing_nothing(beside: System, listed: bytes = b"") -> AsyncIterator[Idle]:
    """On the same servers as the system that does something."""
    port = free_port()
    answer = beside.folder / "listed"
    answer.write_bytes(listed)
    environment = {**beside.environment, "PORT": str(port)}
    module = "tests.benchmarks.nothing"
    async with program(module, str(answer), environment=environment, log=beside.folder) as child:
        await _until_ready(child, port, beside.folder / f"{module}.log")
        yield Idle(port, child.pid)


@asynccontextmanager
async def program(
    module: str, *arguments: str, environment: Mapping[str, str], log: Path
) -> AsyncIterator[Child]:
    """A program of ours, which writes its own log file into the folder `log`."""
    child = await Child.spawn(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        log=log / f"{module}.log",
        folder=ROOT,
    )
    try:
        yield child
    finally:
        await child.stop(signal.SIGTERM, 20)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


async def _until_ready(child: Child, port: int, log: Path) -> None:
    async def ready() -> bool:
        if child.exit_code is not None:
            raise RuntimeError(f"{log.stem} ended with code {child.exit_code}; see {log}")
        try:
            await json_answer(port, request("GET", "/ready"), status=200)
        except (OSError, UnexpectedAnswer):
            return False
        return True

    await until_answered(ready, within=60)


def _resident(process: psutil.Process) -> int:
    total = process.memory_info().rss
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += child.memory_info().rss
    return int(total)


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _part(process: psutil.Process) -> str:
    arguments = process.cmdline()
    known = {"serve": "api", "work": "worker"}
    return known.get(arguments[-1]) or Path(arguments[0]).name
