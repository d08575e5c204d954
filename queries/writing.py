"""How does an export get into a file while everything else goes on?"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from events.exports import ExportFormat, ExportNoun
from queries import writing_process
from queries.exported import ExportedEvent, ExportedRow
from queries.exports import Export
from queries.formats import Writer, check_history, open_writer
from queries.writing_process import CLOSE, HISTORY, ROWS, frame

Progressed = Callable[[int], Awaitable[None]]


class Pages(Protocol):
    async def add_rows(self, rows: Sequence[ExportedRow]) -> None: ...
    async def add_history(self, events: Sequence[ExportedEvent]) -> None: ...


Opened = Callable[[Path, ExportFormat, ExportNoun, bool], AbstractAsyncContextManager[Pages]]


class WriterEnded(Exception):
    """The process that writes a file ended before the file was whole; its log says why."""


async def unheard(rows: int) -> None:
    pass


@asynccontextmanager
async def in_thread(
    path: Path, format: ExportFormat, noun: ExportNoun, history: bool
) -> AsyncIterator[Pages]:
    """For what is soon done: the file is whole when this ends."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="export")
    loop = asyncio.get_running_loop()
    writer = await loop.run_in_executor(thread, open_writer, path, format, noun, history)
    try:
        yield _InThread(thread, writer)
    finally:  # whoever is cancelled in the middle of a page still closes after it
        await loop.run_in_executor(thread, writer.close)
        thread.shutdown(wait=False)


@asynccontextmanager
async def apart(
    path: Path, format: ExportFormat, noun: ExportNoun, history: bool
) -> AsyncIterator[Pages]:
    """For what takes long: by a process that yields to all others. The file is whole when this
    ends without an exception. Raises `WriterEnded`."""
    process = await asyncio.create_subprocess_exec(
        *_program(path, format, noun, history),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    pages = _Apart(process)
    try:
        yield pages
        await pages.close()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def write_export(
    export: Export,
    path: Path,
    format: ExportFormat,
    *,
    history: bool = False,
    progressed: Progressed = unheard,
    opened: Opened = in_thread,
) -> int:
    """How many rows were written; `progressed` hears of them as they are. Raises `Invalid`, and
    what `progressed` raises."""
    check_history(format, history)
    rows = 0
    async with opened(path, format, export.noun, history) as pages:
        async for page in export.rows():
            await pages.add_rows(page)
            rows += len(page)
            await progressed(rows)
        if history:
            async for events in export.history():
                await pages.add_history(events)
                rows += len(events)
                await progressed(rows)
    return rows


def _program(path: Path, format: ExportFormat, noun: ExportNoun, history: bool) -> Sequence[str]:
    what = "history" if history else "rows"
    program = (sys.executable, "-m", writing_process.__name__)
    return *program, str(path.absolute()), format, noun, what


class _InThread:
    def __init__(self, thread: ThreadPoolExecutor, writer: Writer) -> None:
        self._thread = thread
        self._writer = writer

    async def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        await self._run(partial(self._writer.add_rows, rows))

    async def add_history(self, events: Sequence[ExportedEvent]) -> None:
        await self._run(partial(self._writer.add_history, events))

    async def _run(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)


class _Apart:
    """Each page is sent when the one before is written, and read while it is."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None, "it was asked for"
        assert process.stdout is not None, "it was asked for"
        self._process = process
        self._to, self._from = process.stdin, process.stdout
        self._encoder = msgspec.msgpack.Encoder()
        self._sent = False

    async def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        await self._send(ROWS, self._encoder.encode(rows))

    async def add_history(self, events: Sequence[ExportedEvent]) -> None:
        await self._send(HISTORY, self._encoder.encode(events))

    async def close(self) -> None:
        await self._send(CLOSE, b"")
        await self._written()
        if await self._process.wait():
            raise WriterEnded(f"with code {self._process.returncode}")

    async def _send(self, kind: bytes, page: bytes) -> None:
        if self._sent:
            await self._written()
        self._sent = True
        try:
            self._to.write(frame(kind, page))
            await self._to.drain()
        except ConnectionError:
            raise await self._ended() from None

    async def _written(self) -> None:
        try:
            await self._from.readexactly(1)
        except asyncio.IncompleteReadError:
            raise await self._ended() from None

    async def _ended(self) -> WriterEnded:
        code = await self._process.wait()
        return WriterEnded(f"with code {code}" if code >= 0 else f"by signal {-code}")
