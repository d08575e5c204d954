"""How does an export become a workbook? A row at a time, on disk; text stays text."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook as File
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from queries.cells import midnight, shown
from queries.exports import ExportedEvent, ExportedTask
from queries.summary import SHEET, Summary, write_summary

ROWS = 1_048_576
_FIRST_DAY = date(1900, 1, 1)

# What a column holds decides how it is written.
Column = tuple[str, int, str]
TASK_COLUMNS: tuple[Column, ...] = (
    ("ID", 38, "text"),
    ("Number", 12, "number"),
    ("Workspace", 18, "text"),
    ("Title", 40, "text"),
    ("Description", 60, "text"),
    ("Status", 12, "text"),
    ("Priority", 10, "text"),
    ("Overdue", 10, "yes"),
    ("Start", 17, "moment"),
    ("Due", 17, "moment"),
    ("Assignee", 22, "text"),
    ("Created by", 22, "text"),
    ("Tags", 22, "text"),
    ("Created (UTC)", 20, "moment"),
    ("Updated (UTC)", 20, "moment"),
    ("Started (UTC)", 20, "moment"),
    ("Completed (UTC)", 20, "moment"),
)
HISTORY_COLUMNS: tuple[Column, ...] = (
    ("Position", 12, "number"),
    ("When (UTC)", 20, "moment"),
    ("Who", 22, "text"),
    ("Event", 18, "text"),
    ("Task ID", 38, "text"),
    ("Task", 40, "text"),
    ("Changed", 30, "text"),
)


class TextSheet(Worksheet):
    """One in which a text that looks like our library's own markup is text too."""

    def _xml_rich_inline_string(self, string: Any, attributes: Any = None) -> None:
        self._xml_inline_string(string, False, attributes)


class Workbook:
    """Tasks, a summary, and what happened if that is asked for. Blocks: use it in a thread."""

    def __init__(self, path: Path, *, history: bool = False, rows: int = ROWS) -> None:
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
            "date": self._file.add_format({"num_format": "yyyy-mm-dd"}),
            "time": self._file.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._tasks = _Table(self, "Tasks", TASK_COLUMNS)
        self._summary_sheet = self.sheet(SHEET)
        self._history = _Table(self, "History", HISTORY_COLUMNS) if history else None
        self._summary = Summary()

    def add_tasks(self, tasks: Sequence[ExportedTask]) -> None:
        for task in tasks:
            self._summary.add(task)
            self._tasks.write(_task_row(task))

    def add_history(self, events: Sequence[ExportedEvent]) -> None:
        assert self._history is not None, "the history was asked for"
        for event in events:
            self._history.write(_event_row(event))

    def close(self) -> None:
        """The file is whole when this returns."""
        self._tasks.finish()
        if self._history is not None:
            self._history.finish()
        write_summary(self._file, self._summary_sheet, self._formats["header"], self._summary)
        self._file.close()

    @property
    def rows(self) -> int:
        return self._rows

    def format(self, name: str) -> Format:
        return self._formats[name]

    def sheet(self, name: str) -> Worksheet:
        return self._file.add_worksheet(name, worksheet_class=TextSheet)


class _Table:
    """Rows under a frozen header, on as many sheets as they need."""

    def __init__(self, book: Workbook, name: str, columns: Sequence[Column]) -> None:
        self._book = book
        self._name = name
        self._columns = columns
        self._sheets = 0
        writers: dict[str, Callable[[int, int, Any], object]] = {
            "text": self._text,
            "number": self._number,
            "moment": self._moment,
            "yes": self._yes,
        }
        self._writers = [writers[kind] for _, _, kind in columns]
        self._begin()

    def write(self, values: Sequence[Any]) -> None:
        if self._row == self._book.rows:
            self.finish()
            self._begin()
        for column, value in enumerate(values):
            if value is not None:
                self._writers[column](self._row, column, value)
        self._row += 1

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.sheet(name)
        self._sheet.freeze_panes(1, 0)
        for column, (title, width, _) in enumerate(self._columns):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, title, self._book.format("header"))
        self._row = 1

    def _text(self, row: int, column: int, value: str) -> None:
        self._sheet.write_string(row, column, shown(value))

    def _number(self, row: int, column: int, value: int) -> None:
        self._sheet.write_number(row, column, value)

    def _yes(self, row: int, column: int, value: bool) -> None:
        self._sheet.write_boolean(row, column, value)

    def _moment(self, row: int, column: int, value: date | datetime) -> None:
        """Spreadsheets know no zones and nothing before 1900."""
        if isinstance(value, datetime):
            if value.year < _FIRST_DAY.year:
                self._sheet.write_string(row, column, value.isoformat())
                return
            naive = value.replace(tzinfo=None)
            self._sheet.write_datetime(row, column, naive, self._book.format("time"))
        elif value < _FIRST_DAY:
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, midnight(value), self._book.format("date"))


def _task_row(task: ExportedTask) -> Sequence[Any]:
    return (
        str(task.id),
        task.number,
        task.workspace,
        task.title,
        task.description,
        task.status,
        task.priority,
        task.overdue,
        task.start_on or task.start_at,
        task.due_on or task.due_at,
        task.assignee,
        task.created_by,
        ", ".join(task.tags) if task.tags else None,
        task.created_at,
        task.updated_at,
        task.started_at,
        task.completed_at,
    )


def _event_row(event: ExportedEvent) -> Sequence[Any]:
    return (
        event.position,
        event.occurred_at,
        event.actor,
        event.event,
        str(event.task),
        event.title,
        ", ".join(event.changed) or None,
    )
