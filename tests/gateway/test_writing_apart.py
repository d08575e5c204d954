"""An export written by a process of its own is what one written here is, or an error."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from openpyxl import load_workbook

from events.refusals import Unavailable
from gateway.bootstrap.writing_apart import Order, WriterEnded, write_apart
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from queries.exports import Export
from queries.writing import unheard, write_export
from tests.support.log import open_log
from tests.support.office import Office
from tests.support.waiting import until

TASKS = 7
PROGRAM = "gateway.bootstrap.writing_apart"
MakeOrder = Callable[..., Order]


@pytest.fixture
async def order(database: str, tmp_path: Path) -> AsyncIterator[MakeOrder]:
    """Of an office with seven tasks, as a workbook with its history unless it says otherwise."""
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        for _ in range(TASKS):
            await office.task()
        for projection in PROJECTIONS:
            await rebuild(log.pool, projection, log.reader)
        whole = Order(
            database_url=database,
            path=str(tmp_path / "apart.xlsx"),
            format="xlsx",
            noun="task",
            workspace=office.workspace,
            history=True,
            now=utc_now(),
        )
        export = Export(log.pool, [whole.workspace], whole.now)
        await write_export(export, tmp_path / "here.xlsx", "xlsx", history=True)
        yield lambda **changes: msgspec.structs.replace(whole, **changes)


def sheets(path: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.values) for sheet in load_workbook(path)}


def writers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if PROGRAM in each.cmdline()]


@asynccontextmanager
async def stuck(order: MakeOrder, folder: Path) -> AsyncIterator[tuple[asyncio.Task[int], int]]:
    """A writer that waits for somebody to read its file, and its process."""
    path = folder / "pipe"
    os.mkfifo(path)
    asked = order(path=str(path), format="csv", history=False)
    writing = asyncio.create_task(write_apart(asked, unheard))
    try:
        await until(lambda: bool(writers()) and writers()[0].nice() > psutil.Process().nice())
        yield writing, writers()[0].pid
    finally:
        writing.cancel()
        await asyncio.wait([writing])


async def test_the_file_is_the_same_as_one_written_here(order: MakeOrder, tmp_path: Path) -> None:
    heard: list[int] = []

    async def progressed(rows: int) -> None:
        heard.append(rows)

    asked = order()
    rows = await write_apart(asked, progressed)
    assert sheets(asked.path) == sheets(tmp_path / "here.xlsx")
    assert len(sheets(asked.path)["Tasks"]) == 1 + TASKS
    assert heard == sorted(heard)
    assert heard[-1] == rows == 2 * TASKS


async def test_whoever_hears_of_the_progress_can_end_it(order: MakeOrder) -> None:
    async def enough(rows: int) -> None:
        raise LookupError(rows)

    with pytest.raises(LookupError, match=str(TASKS)):
        await write_apart(order(), enough)
    assert writers() == []


async def test_it_keeps_to_one_core_and_behind_others(order: MakeOrder, tmp_path: Path) -> None:
    async with stuck(order, tmp_path) as (_, pid):
        assert len(psutil.Process(pid).cpu_affinity() or ()) == 1
    assert writers() == []


async def test_one_that_is_killed_is_an_error(order: MakeOrder, tmp_path: Path) -> None:
    async with stuck(order, tmp_path) as (writing, pid):
        psutil.Process(pid).kill()
        with pytest.raises(WriterEnded, match="by signal 9"):
            await writing


async def test_a_file_that_cannot_be_written_is_an_error(order: MakeOrder, tmp_path: Path) -> None:
    with pytest.raises(WriterEnded, match="with code 1"):
        await write_apart(order(path=str(tmp_path / "none" / "tasks.csv"), format="csv"), unheard)


async def test_without_the_database_it_is_for_later(order: MakeOrder) -> None:
    nobody = "postgresql://nobody@127.0.0.1:1/none"
    with pytest.raises(Unavailable):
        await write_apart(order(database_url=nobody), unheard)


async def test_it_ends_quietly_when_nobody_hears_of_it(order: MakeOrder) -> None:
    assert await asyncio.to_thread(unheard_writer, order()) == (1, b"")


def unheard_writer(order: Order) -> tuple[int, bytes]:
    """Its exit code and its complaint when nobody reads what it says."""
    program = (sys.executable, "-m", PROGRAM)
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None, "it was asked for"
        process.stdout.close()
        process.stdout = None
        _, complaint = process.communicate(msgspec.json.encode(order))
    return process.returncode, complaint
