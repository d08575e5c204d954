"""How does an export become a workbook? A row at a time, on disk; text stays text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook as File
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from events.exports import ExportNoun
from queries.cells import midnight, shown
from queries.exported import ExportedEvent, ExportedRow, ExportedTask
from queries.sheets import SHEETS, Sheet, cells_of, history_sheet
from queries.summary import SHEET, Summary, write_summary

ROWS = 1_048_576
_ROW_HEIGHT = 15.75
_TOP = {"valign": "top"}
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "text": {"text_wrap": True},
    "number": {"num_format": "0"},
    "date": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    # Without a format of its own, LibreOffice shows it as 0 or 1 beside a date.
    "yes": {"num_format": '"TRUE";"TRUE";"FALSE"'},
}
_FIRST_DAY = date(1900, 1, 1)
_LAST_SECOND = datetime.combine(date.max, time(23, 59, 59))


class TextSheet(Worksheet):
    """One in which a text that looks like our library's own markup is text too."""

    def _xml_rich_inline_string(self, string: Any, attributes: Any = None) -> None:
        self._xml_inline_string(string, False, attributes)


class Workbook:
    """Rows, and of tasks a summary too. Blocks: use it in a thread."""

    def __init__(self, path: Path, noun: ExportNoun = "task", *, rows: int = ROWS) -> None:
        """A sheet has at most so many `rows`; what is over goes on the next one."""
        self._file = File(
            str(path),
            {
                "constant_memory": True,
                "default_date_format": "yyyy-mm-dd hh:mm:ss",
                "tmpdir": str(path.parent),  # what is written there goes with that folder
            },
        )
        self._rows = rows
        self._formats = {
            "header": self._file.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF7"}),
            **{name: self._file.add_format({**more, **_TOP}) for name, more in _FORMATS.items()},
        }
        self._table = _Table(self, SHEETS[noun])
        self._summary = Summary() if noun == "task" else None
        self._summary_sheet = self.sheet(SHEET) if noun == "task" else None

    def add_rows(self, rows: Sequence[ExportedRow]) -> None:
        for row in rows:
            if self._summary is not None and isinstance(row, ExportedTask):
                self._summary.add(row)
            self._table.write(row)

    def close(self) -> None:
        """The file is whole when this returns."""
        self._table.finish()
        if self._summary is not None and self._summary_sheet is not None:
            write_summary(self._file, self._summary_sheet, self._formats["header"], self._summary)
        self._file.close()

    @property
    def rows(self) -> int:
        return self._rows

    def format(self, name: str) -> Format:
        return self._formats[name]

    def sheet(self, name: str) -> Worksheet:
        return self._file.add_worksheet(name, worksheet_class=TextSheet)


class HistoryWorkbook(Workbook):
    """Also what happened, on a sheet of its own."""

    def __init__(self, path: Path, noun: ExportNoun = "task") -> None:
        super().__init__(path, noun)
        self._history = _Table(self, history_sheet(noun))

    def add_history(self, events: Sequence[ExportedEvent]) -> None:
        for event in events:
            self._history.write(event)

    def close(self) -> None:
        self._history.finish()
        super().close()


class _Table:
    """Rows under a frozen header, on as many sheets as they need."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self._book = book
        self._kept = sheet
        self._sheets = 0
        writers: dict[str, Callable[[int, int, Any], object]] = {
            "text": self._text,
            "number": self._number,
            "moment": self._moment,
            "yes": self._yes,
        }
        self._writers = [writers[column.kind] for column in sheet.columns]
        self._begin()

    def write(self, row: ExportedRow | ExportedEvent) -> None:
        if self._row == self._book.rows:
            self.finish()
            self._begin()
        for column, value in enumerate(cells_of(self._kept, row)):
            if value is not None:
                self._writers[column](self._row, column, value)
        self._row += 1

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._kept.columns) - 1)

    def _begin(self) -> None:
        self._sheets += 1
        title = self._kept.title
        name = title if self._sheets == 1 else f"{title} {self._sheets}"
        self._sheet = self._book.sheet(name)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_default_row(_ROW_HEIGHT)
        for column, (title, width, _, _) in enumerate(self._kept.columns):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, title, self._book.format("header"))
        self._row = 1

    def _text(self, row: int, column: int, value: str) -> None:
        """Wrapped in a row of one line, so that it stays in its cell; who wants more makes it
        higher."""
        self._sheet.write_string(row, column, shown(value), self._book.format("text"))

    def _number(self, row: int, column: int, value: int) -> None:
        self._sheet.write_number(row, column, value, self._book.format("number"))

    def _yes(self, row: int, column: int, value: bool) -> None:
        self._sheet.write_boolean(row, column, value, self._book.format("yes"))

    def _moment(self, row: int, column: int, value: date | datetime) -> None:
        """Spreadsheets know no zones, nothing before 1900, and would round the last second up."""
        if isinstance(value, datetime):
            naive = value.replace(tzinfo=None)
            if value.year < _FIRST_DAY.year or naive > _LAST_SECOND:
                self._sheet.write_string(row, column, value.isoformat())
                return
            self._sheet.write_datetime(row, column, naive, self._book.format("time"))
        elif value < _FIRST_DAY:
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, midnight(value), self._book.format("date"))
