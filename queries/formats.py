"""How is an export written to a file: as a workbook, CSV, Parquet or JSON lines?"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from events.exports import ExportFormat
from events.refusals import Invalid
from queries.cells import inert
from queries.exports import ExportedEvent, ExportedTask
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

    def add_tasks(self, tasks: Sequence[ExportedTask]) -> None: ...
    def add_history(self, events: Sequence[ExportedEvent]) -> None: ...
    def close(self) -> None: ...


def check_history(format: ExportFormat, history: bool) -> None:
    """Raises `Invalid`: other files have no second sheet."""
    if history and format != "xlsx":
        raise Invalid("only a workbook (xlsx) has room for the history", field="history")


def open_writer(path: Path, format: ExportFormat, history: bool) -> Writer:
    match format:
        case "xlsx":
            from queries.workbook import Workbook  # with xlsxwriter, for whoever writes one

            return Workbook(path, history=history)
        case "csv":
            return _Csv(path)
        case "ndjson":
            return _JsonLines(path)
        case "parquet":
            return _Parquet(path)


class _TasksOnly:
    def add_history(self, events: Sequence[ExportedEvent]) -> None:
        raise NotImplementedError("`check_history` was passed over")


class _Csv(_TasksOnly):
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(ExportedTask.__struct_fields__)

    def add_tasks(self, tasks: Sequence[ExportedTask]) -> None:
        for task in tasks:
            self._csv.writerow([_text(value) for value in msgspec.structs.astuple(task)])

    def close(self) -> None:
        self._file.close()


class _JsonLines(_TasksOnly):
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._encoder = msgspec.json.Encoder()

    def add_tasks(self, tasks: Sequence[ExportedTask]) -> None:
        self._file.write(self._encoder.encode_lines(tasks))

    def close(self) -> None:
        self._file.close()


class _Parquet(_TasksOnly):
    """Pages are kept as files of their own and joined as a stream, never all in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = TemporaryDirectory(prefix=".pages-", dir=path.parent)
        self._pages: list[Path] = []
        self.add_tasks([])

    def add_tasks(self, tasks: Sequence[ExportedTask]) -> None:
        rows = [(str(task.id), *msgspec.structs.astuple(task)[1:]) for task in tasks]
        page = Path(self._folder.name) / f"{len(self._pages)}.parquet"
        pl.DataFrame(rows, schema=_schema(), orient="row").write_parquet(page)
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


def _schema() -> dict[str, Any]:
    return {
        "id": pl.String,
        "number": pl.Int64,
        "workspace": pl.String,
        "title": pl.String,
        "description": pl.String,
        "status": pl.String,
        "priority": pl.String,
        "overdue": pl.Boolean,
        "start_on": pl.Date,
        "start_at": pl.Datetime("us", "UTC"),
        "due_on": pl.Date,
        "due_at": pl.Datetime("us", "UTC"),
        "assignee": pl.String,
        "created_by": pl.String,
        "tags": pl.List(pl.String),
        "created_at": pl.Datetime("us", "UTC"),
        "updated_at": pl.Datetime("us", "UTC"),
        "started_at": pl.Datetime("us", "UTC"),
        "completed_at": pl.Datetime("us", "UTC"),
    }
