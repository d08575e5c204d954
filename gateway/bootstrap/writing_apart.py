"""The program that writes an export to a file apart from everybody, and yields to them all.

Run as `python -m gateway.bootstrap.writing_apart`. What to write comes as JSON on its standard
input, since an address of a database holds a password and arguments are for all to see; after
each page it says how many rows are written, in a line. It ends when nobody reads these any more.
"""

import asyncio
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import uvloop

from events.exports import ExportFormat, ExportNoun
from events.refusals import Unavailable
from infra.postgres import LOST, Pool
from queries.exports import Export
from queries.writing import Progressed, write_export

_NICENESS = 10
_SPEAKS_EVERY = 0.25
_AWAY = os.EX_TEMPFAIL


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to write: of one workspace, as of `now`."""

    database_url: str
    path: str
    format: ExportFormat
    noun: ExportNoun
    workspace: UUID
    history: bool
    now: datetime


class WriterEnded(Exception):
    """The program ended before the file was whole; the worker's log says why."""


async def write_apart(order: Order, progressed: Progressed) -> int:
    """As `write_export`, in a process of its own. Raises `WriterEnded`, `Unavailable`, and what
    `progressed` raises."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __spec__.name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None, "it was asked for"
    assert process.stdout is not None, "it was asked for"
    rows = 0
    try:
        process.stdin.write(msgspec.json.encode(order))
        process.stdin.close()
        async for line in process.stdout:
            rows = int(line)
            await progressed(rows)
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code == _AWAY:
        raise Unavailable("the database is away; the export is written again")
    if code:
        raise WriterEnded(f"with code {code}" if code > 0 else f"by signal {-code}")
    return rows


async def _write(order: Order) -> None:
    spoke = 0.0

    async def said(rows: int) -> None:
        nonlocal spoke
        if time.monotonic() - spoke > _SPEAKS_EVERY:
            spoke = time.monotonic()
            print(rows, flush=True)

    pool = await Pool.open(order.database_url, 1)
    try:
        export = Export(pool, [order.workspace], order.now, order.noun)
        path = Path(order.path)
        rows = await write_export(
            export, path, order.format, history=order.history, progressed=said
        )
        print(rows, flush=True)
    finally:
        await pool.close()


def yield_to_all() -> None:
    """On one core, where the system lets one say so, and behind others there, so that commands
    find a core that is free."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.nice(_NICENESS)


def main() -> int:
    yield_to_all()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    try:
        uvloop.run(_write(order))
    except BrokenPipeError:  # whoever ordered it is gone, and so is the file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Unavailable, *LOST):
        return _AWAY
    return 0


if __name__ == "__main__":
    sys.exit(main())
