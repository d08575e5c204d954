"""The program that writes a file apart from everybody: pages come in, and each is acknowledged.

Run as `python -m queries.writing_process PATH FORMAT NOUN history|rows`. A frame is a letter, the
length of its page as eight bytes, and the page in MessagePack. Whoever sends them may be gone:
then the file is nobody's, and the program ends.
"""

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from events.exports import ExportFormat, ExportNoun
from queries.exported import EXPORTED, ExportedEvent
from queries.formats import open_writer

ROWS, HISTORY, CLOSE = b"R", b"H", b"C"
_HEADER = struct.Struct(">cQ")
_YIELDS = 10  # to the processes that people wait for


def frame(kind: bytes, page: bytes) -> bytes:
    return _HEADER.pack(kind, len(page)) + page


def frames(source: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Until the source ends, be it in the middle of one."""
    while len(header := source.read(_HEADER.size)) == _HEADER.size:
        kind, length = _HEADER.unpack(header)
        page = source.read(length)
        if len(page) < length:
            return
        yield kind, page


def main(path: str, format: ExportFormat, noun: ExportNoun, what: str) -> int:
    os.nice(_YIELDS)
    writer = open_writer(Path(path), format, noun, what == "history")
    rows: Any = msgspec.msgpack.Decoder(list[EXPORTED[noun].row])  # type: ignore[misc]
    events = msgspec.msgpack.Decoder(list[ExportedEvent])
    for kind, page in frames(sys.stdin.buffer):
        match kind:
            case b"R":
                writer.add_rows(rows.decode(page))
            case b"H":
                writer.add_history(events.decode(page))
            case _:
                writer.close()
        sys.stdout.buffer.write(b".")
        sys.stdout.buffer.flush()
        if kind == CLOSE:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(*cast(Any, sys.argv[1:])))
