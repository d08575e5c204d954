"""How is an export written to a file: as a workbook, CSV, Parquet or JSON lines?"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType
from typing import TYPE_CHECKING, Any, Protocol, get_args, get_type_hints

import msgspec

from events.exports import ExportFormat, ExportNoun
from events.refusals import Invalid
from queries.cells import inert
from queries.exported import EXPORTED, ExportedEvent, ExportedRow
from queries.lazily import Lazily

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Lazily("polars")

MEDIA_TYPES: dict[ExportFormat, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "ndjson": "application/x-ndjson",
}


class Writer(Protocol):
    """Blocks: use it in a thread. The file is whole when `close` returns."""

    def add_rows(self, rows: Sequence[ExportedRow]) -> None: ...
    def close(self) -> None: ...


class HistoryWriter(Writer, Protocol):
    def add_history(self, events: Sequence[ExportedEvent]) -> None: ...


def check_history(format: ExportFormat, history: bool) -> None:
    """Raises `Invalid`: other files have no second sheet."""
    if history and format != "xlsx":
        raise Invalid("only a workbook (xlsx) has room for the history", field="history")


def open_writer(path: Path, format: ExportFormat, noun: ExportNoun) -> Writer:
    match format:
        case "xlsx":
            from queries.workbook import Workbook  # with xlsxwriter, for whoever writes one

            return Workbook(path, noun)
        case "csv":
            return _Csv(path, EXPORTED[noun].row)
        case "ndjson":
            return _JsonLines(path)
        case "parquet":
            return _Parquet(path, EXPORTED[noun].row)


def open_history_writer(path: Path, noun: ExportNoun) -> HistoryWriter:
    """Of a workbook, which alone has a second sheet."""
    from queries.workbook import HistoryWorkbook

    return HistoryWorkbook(path, noun)


class _Csv:
    def __init__(self, path: Path, kind: type[ExportedRow]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(kind.__struct_fields__)

    def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        for row in rows:
            self._csv.writerow([_text(value) for value in msgspec.structs.astuple(row)])

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._encoder = msgspec.json.Encoder()

    def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        self._file.write(self._encoder.encode_lines(rows))

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Pages are kept as files of their own and joined as a stream, never all in memory."""

    def __init__(self, path: Path, kind: type[ExportedRow]) -> None:
        self._path = path
        self._schema = schema_of(kind)
        self._folder = TemporaryDirectory(prefix=".pages-", dir=path.parent)
        self._pages: list[Path] = []
        self.add_rows([])

    def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        cells = [(str(row.id), *msgspec.structs.astuple(row)[1:]) for row in rows]
        page = Path(self._folder.name) / f"{len(self._pages)}.parquet"
        pl.DataFrame(cells, schema=self._schema, orient="row").write_parquet(page)
        self._pages.append(page)

    def close(self) -> None:
        with self._folder:
            pl.scan_parquet(self._pages).sink_parquet(self._path)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return inert(", ".join(value))
        case _:
            return inert(str(value))


def schema_of(kind: type[ExportedRow]) -> dict[str, Any]:
    """The columns' types, as the row's fields say."""
    types = {
        int: pl.Int64,
        bool: pl.Boolean,
        date: pl.Date,
        datetime: pl.Datetime("us", "UTC"),
        Sequence[str]: pl.List(pl.String),
    }
    hints = get_type_hints(kind)
    return {name: types.get(_present(hint), pl.String) for name, hint in hints.items()}


def _present(hint: Any) -> Any:
    """The type without None."""
    rest = [arm for arm in get_args(hint) if arm is not NoneType]
    return rest[0] if NoneType in get_args(hint) else hint
