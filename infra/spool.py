"""Where does a file wait until all of it has come? On this machine's disk, without a name."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from events.refusals import Unavailable

GATHERED = 1 << 20  # to write less at once costs more than the writing
PACE = 25 << 20  # bytes a second: whoever sends faster must not keep all others waiting


@contextmanager
def unnamed_file() -> Iterator[BinaryIO]:
    """For a coroutine. To give back what a large one holds takes milliseconds: a thread does it.
    Raises `Unavailable` where none can be made."""
    try:
        file = TemporaryFile()  # noqa: SIM115 - a thread closes it
    except OSError as error:
        raise _no_room() from error
    try:
        yield cast(BinaryIO, file)
    finally:
        asyncio.get_running_loop().run_in_executor(None, file.close)


async def spool(content: AsyncIterator[bytes], file: BinaryIO) -> None:
    """No faster than `PACE`. Raises what `content` raises, and `Unavailable` when there is no
    room."""
    piece: list[bytes] = []
    size, began = 0, time.monotonic()
    async for chunk in content:
        piece.append(chunk)
        size += len(chunk)
        if size >= GATHERED:
            await _write(file, piece)
            await asyncio.sleep(began + size / PACE - time.monotonic())
            piece, size, began = [], 0, time.monotonic()
    await _write(file, piece)
    file.seek(0)


async def _write(file: BinaryIO, piece: list[bytes]) -> None:
    try:
        await asyncio.to_thread(_writelines, file, piece)
    except OSError as error:
        raise _no_room() from error


def _writelines(file: BinaryIO, piece: list[bytes]) -> None:
    file.writelines(piece)
    file.flush()


def _no_room() -> Unavailable:
    return Unavailable("there is no room for the file; try again", retry_after=60)
