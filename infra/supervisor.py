"""How do the parts of one installation start, stay up and stop together?"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from infra.embedded.child import Child
from infra.embedded.folder import CannotStart, Lock, open_data_folder
from infra.embedded.stack import forget_announced

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
STEADY_SECONDS = 30.0
LOCK = "supervisor.lock"


class Part(Protocol):
    """What a supervisor needs to know of a part; every embedded server is one."""

    name: str
    grace: float

    @property
    def pid(self) -> int: ...

    @property
    def address(self) -> str: ...

    async def start(self) -> None: ...

    async def wait(self) -> int: ...

    async def stop(self, grace: float | None = None) -> None: ...


class Program:
    """A part that is a program of ours; it says what it has to say on our own output."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Callable[[], Mapping[str, str]],
        address: str,
        ready: Callable[[], Awaitable[bool]] | None = None,
        ready_seconds: float = 60.0,
        grace: float = 20.0,
    ) -> None:
        """`env` is asked at each start: what it tells is known once earlier parts run."""
        self.name = name
        self.grace = grace
        self._argv = argv
        self._env = env
        self._address = address
        self._ready = ready
        self._ready_seconds = ready_seconds
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def address(self) -> str:
        return self._address

    async def start(self) -> None:
        self._child = child = await Child.spawn(self._argv, env=self._env(), folder=Path.cwd())
        try:
            async with asyncio.timeout(self._ready_seconds):
                await self._until_ready(child)
        except TimeoutError:
            await child.kill()
            raise CannotStart(f"{self.name} not ready after {self._ready_seconds:g} s") from None
        except BaseException:
            await child.kill()
            raise

    async def wait(self) -> int:
        return await self._running.wait()

    async def stop(self, grace: float | None = None) -> None:
        if self._child:
            await self._child.stop(signal.SIGTERM, self.grace if grace is None else grace)
            self._child = None

    async def _until_ready(self, child: Child) -> None:
        while not (self._ready is None or await self._ready()):
            if child.exit_code is not None:
                raise CannotStart(f"{self.name} ended during its start ({_how(child.exit_code)})")
            await asyncio.sleep(0.02)

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._child


class Supervisor:
    """Starts parts in order, starts a crashed one again, stops them in reverse."""

    def __init__(
        self,
        data_dir: Path,
        parts: Sequence[Part],
        *,
        say: Callable[[str], None] = print,
        grace: float = 20.0,
    ) -> None:
        self._data_dir = data_dir
        self._parts = parts
        self._say = say
        self._grace = grace
        self._started: list[Part] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._lock: Lock | None = None

    async def run(self) -> None:
        """Until a stop signal; raises CannotStart if a part does not come up at first."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        numbers = _stop_signals()
        for number in numbers:
            loop.add_signal_handler(number, stop.set)
        starting = asyncio.create_task(self.start())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await stopping
        finally:
            for task in (starting, stopping):
                task.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)
            await self.stop()
            for number in numbers:
                loop.remove_signal_handler(number)

    async def start(self) -> None:
        folder = open_data_folder(self._data_dir)
        self._lock = _lock(folder)
        forget_announced(folder)
        for part in self._parts:
            await part.start()
            self._started.append(part)
            self._keepers.append(asyncio.create_task(self._keep(part)))
            self._tell(f"{part.name:<10} {part.address}")

    async def stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        clock = asyncio.get_running_loop().time
        until = clock() + self._grace
        for part in reversed(self._started):
            await part.stop(max(1.0, min(part.grace, until - clock())))
            self._tell(f"{part.name:<10} stopped")
        self._started, self._keepers = [], []
        if self._lock:
            forget_announced(self._data_dir)  # there may be keys in it
            self._lock.release()
            self._lock = None

    async def _keep(self, part: Part) -> None:
        """Never give up: a full disk or a taken port may pass."""
        clock = asyncio.get_running_loop().time
        delay = FIRST_DELAY
        while True:
            since = clock()
            code = await part.wait()
            if clock() - since > STEADY_SECONDS:
                delay = FIRST_DELAY
            self._tell(f"{part.name:<10} ended ({_how(code)}), starting it again")
            while True:
                await asyncio.sleep(delay)
                delay = min(2 * delay, LONGEST_DELAY)
                try:
                    await part.start()
                    break
                except Exception as error:  # whatever it is: nobody else would start it again
                    reason = str(error) or repr(error)
                    self._tell(f"{part.name:<10} {reason}, trying again in {delay:g} s")
            self._tell(f"{part.name:<10} {part.address}")

    def _tell(self, line: str) -> None:
        """Whoever listened may be gone, as the terminal that was closed: all goes on without."""
        with suppress(OSError):
            self._say(line)


def demand_alone(data_dir: Path) -> None:
    """Raises CannotStart if a supervisor runs there: that says more than that its port is taken."""
    folder = data_dir.expanduser().resolve()
    try:
        there = (folder / LOCK).exists()
    except OSError as error:
        raise CannotStart(
            f"{folder}: {error.strerror}: choose another folder with TASKTRAIL_DATA"
        ) from error
    if there:
        _lock(folder).release()


def _stop_signals() -> list[signal.Signals]:
    """Who starts us by `nohup` has the end of a terminal ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in STOP_SIGNALS if number != signal.SIGHUP or not ignored]


def _lock(folder: Path) -> Lock:
    return Lock(folder / LOCK, f"tasktrail is already running in {folder}")


def _how(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"code {code}"
