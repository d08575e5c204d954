"""What have the embedded servers in common: start, readiness, restart on the same port, stop."""

import asyncio
import signal
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded.child import Child, kill_leftovers
from infra.embedded.folder import Account, CannotStart, Lock, kept_secret, open_data_folder
from infra.embedded.ports import LOOPBACK, free_port

PORT_ATTEMPTS = 5
PROBE_SECONDS = 2.0
CLEAN_ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class EmbeddedServer:
    """A part of the supervisor, and `async with` for tests: `pid`, `url`, `start`, `stop`."""

    name: str
    polite: signal.Signals = signal.SIGTERM
    death: signal.Signals = signal.SIGKILL
    grace: float = 5.0
    ready_seconds: float = 30.0

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().resolve()  # one spelling: leftovers are told by it
        self.folder = self.data_dir / self.name
        self.log = self.data_dir / f"{self.name}.log"
        self.port: int | None = None
        self.account: Account | None = None
        self._child: Child | None = None
        self._lock: Lock | None = None
        self._refusal: Exception | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def password(self) -> str:
        return kept_secret(self.data_dir / "secrets" / self.name)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, password included."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """The settings that say what the URL does not."""
        return {}

    @abstractmethod
    async def prepare(self) -> None:
        """Make the files that the server needs."""

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """The program and its arguments, without secrets."""

    @abstractmethod
    async def probe(self, port: int) -> bool:
        """Whether our server, not another on that port, answers there."""

    @abstractmethod
    def owns(self, argv: list[str]) -> bool:
        """Whether a process with these arguments belongs to this server's folder."""

    def environment(self) -> Mapping[str, str]:
        return CLEAN_ENVIRONMENT

    async def start(self) -> None:
        """Return when clients can connect; the first start chooses a port, later ones keep it."""
        if self._lock is None:
            open_data_folder(self.data_dir)
            busy = f"{self.name} is already running in {self.data_dir}"
            self._lock = Lock(self.data_dir / f"{self.name}.lock", busy)
        try:
            await self._sweep()
            await self.prepare()
            for _ in range(PORT_ATTEMPTS if self.port is None else 1):
                if await self._started_on(self.port or free_port()):
                    return
        except BaseException:
            await self.stop()
            raise
        await self.stop()
        raise CannotStart(f"{self.name} ended during its start: {self._last_words()}")

    async def wait(self) -> int:
        """Until the process has ended; its exit code."""
        return await self._running.wait()

    async def stop(self, grace: float | None = None) -> None:
        """Stop and give the folder free."""
        if self._child:
            await self._child.stop(self.polite, self.grace if grace is None else grace)
            self._child = None
        if self._lock:
            lock, self._lock = self._lock, None
            try:
                await self._sweep()
            finally:
                lock.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._child

    async def _started_on(self, port: int) -> bool:
        child = await Child.spawn(
            self.command(port),
            env=self.environment(),
            log=self.log,
            account=self.account,
            death=self.death,
        )
        self._child = child
        until = asyncio.get_running_loop().time() + self.ready_seconds
        while child.exit_code is None:
            if await self._answers(port):
                self.port = port
                return True
            if asyncio.get_running_loop().time() > until:
                raise CannotStart(
                    f"{self.name} is not ready after {self.ready_seconds:g} s "
                    f"({self._refusal!r}), see {self.log}"
                )
            await asyncio.sleep(0.02)
        return False

    async def _answers(self, port: int) -> bool:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self.probe(port)
        except (OSError, TimeoutError, EOFError) as error:
            self._refusal = error
            return False

    async def _sweep(self) -> None:
        """We hold the lock, so a process that uses this folder is nobody's any more."""
        await kill_leftovers(self.owns)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1].strip() if lines else 'it said nothing'} (see {self.log})"
