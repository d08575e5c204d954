"""How do we run a program so that it never outlives us?"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from infra.embedded import launch
from infra.embedded.folder import Account, CannotStart

LOG_BYTES = 10 << 20
LEFTOVER_SECONDS = 5.0


class Child:
    """A running program in a process group of its own, so that Ctrl-C reaches only us."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def spawn(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path | None = None,
        folder: Path = Path("/"),
        account: Account | None = None,
        death: signal.Signals = signal.SIGKILL,
    ) -> "Child":
        """Return when the program itself runs. Call it in a thread that lives as long as the
        program should: the kernel sends the death signal when the spawning thread ends."""
        uid, gid = (account.uid, account.gid) if account else (os.getuid(), os.getgid())
        output = _open_log(log) if log else None
        report, reported = os.pipe()
        try:
            numbers = [str(n) for n in (reported, os.getpid(), int(death), uid, gid)]
            shim = (sys.executable, "-I", "-S", launch.__file__, *numbers, str(folder))
            process = await asyncio.create_subprocess_exec(
                *shim,
                *argv,
                env=dict(env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=(reported,),
            )
        except BaseException:
            os.close(report)
            raise
        finally:
            os.close(reported)
            if output is not None:
                os.close(output)
        child = cls(process)
        await child._see_it_run(report)
        return child

    async def _see_it_run(self, report: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(report, "rb")
        )
        try:
            trouble = await reader.read()
        except BaseException:
            await self.kill()
            raise
        finally:
            transport.close()
        if trouble:
            await self.wait()
            raise CannotStart(f"cannot run {trouble.decode()}")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    async def stop(self, polite: signal.Signals, grace: float) -> int:
        """Ask, wait up to `grace` seconds, then kill the whole group."""
        self._signal(polite)
        self._signal(signal.SIGCONT)  # a stopped process would not hear us
        try:
            async with asyncio.timeout(grace):
                return await self._process.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """Not by the process object: it looks for the exit first, and may take it from asyncio."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


async def kill_leftovers(ours: Callable[[list[str]], bool]) -> None:
    """Kill the processes of an earlier life, told by their arguments, and see them gone.

    Arguments are all we can go by: the working directory of another account's process is hidden
    from a root without CAP_SYS_PTRACE, as in most containers.
    """
    until = asyncio.get_running_loop().time() + LEFTOVER_SECONDS
    while left := [pid for pid, argv in _processes() if ours(argv)]:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if asyncio.get_running_loop().time() > until:
            raise CannotStart(f"process {left[0]} of an earlier start does not end: kill it")
        await asyncio.sleep(0.002)


def _processes() -> Iterator[tuple[int, list[str]]]:
    """A dead one that nobody has waited for has no arguments."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (
                int(entry.name),
                (entry / "cmdline").read_bytes().decode(errors="surrogateescape").split("\0"),
            )


def _open_log(path: Path) -> int:
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.old"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
