"""How does an export get into a file while everything else goes on?"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from events.exports import ExportFormat
from queries.exports import Export
from queries.formats import (
    HistoryWriter,
    Writer,
    check_history,
    open_history_writer,
    open_writer,
)

Progressed = Callable[[int], Awaitable[None]]


async def unheard(rows: int) -> None:
    pass


async def write_export(
    export: Export,
    path: Path,
    format: ExportFormat,
    *,
    history: bool = False,
    progressed: Progressed = unheard,
) -> int:
    """How many rows were written; `progressed` hears of them as they are. The file is whole when
    this returns. Raises `Invalid`, and what `progressed` raises."""
    check_history(format, history)
    loop, noun = asyncio.get_running_loop(), export.noun
    thread = ThreadPoolExecutor(1, thread_name_prefix="export")
    told: HistoryWriter | None = None
    writer: Writer
    if history:
        writer = told = await loop.run_in_executor(thread, open_history_writer, path, noun)
    else:
        writer = await loop.run_in_executor(thread, open_writer, path, format, noun)
    try:
        return await _write(export, writer, told, progressed, thread)
    finally:  # whoever is cancelled in the middle of a page still closes after it
        await loop.run_in_executor(thread, writer.close)
        thread.shutdown(wait=False)


async def _write(
    export: Export,
    writer: Writer,
    told: HistoryWriter | None,
    progressed: Progressed,
    thread: ThreadPoolExecutor,
) -> int:
    """`told` is the writer again, if it is to take the history too."""
    loop, rows = asyncio.get_running_loop(), 0
    async for page in export.rows():
        await loop.run_in_executor(thread, writer.add_rows, page)
        rows += len(page)
        await progressed(rows)
    if told is not None:
        async for events in export.history():
            await loop.run_in_executor(thread, told.add_history, events)
            rows += len(events)
            await progressed(rows)
    return rows
