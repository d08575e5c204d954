"""TaskHub's export: one sheet of tasks under the header that its readers know; text stays text."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from queries.cells import midnight, shown
from queries.export_folders import export_folder
from queries.exported import ExportedRow, ExportedTask
from queries.workbook import ROWS, TextSheet

HEADER = ("ID", "Title", "Description", "Status", "Priority", "Due Date", "Created At")
_WIDTHS = (38, 40, 60, 12, 10, 20, 20)


async def workbook(pages: AsyncIterator[Sequence[ExportedRow]]) -> bytes:
    """A row at a time, on disk."""
    with export_folder() as folder:
        path = Path(folder) / "tasks.xlsx"
        sheets = Sheets(path)
        async for page in pages:
            await asyncio.to_thread(sheets.add, page)
        await asyncio.to_thread(sheets.close)
        return await asyncio.to_thread(path.read_bytes)


class Sheets:
    """Blocks: use it in a thread."""

    def __init__(self, path: Path, *, rows: int = ROWS) -> None:
        self._book = Workbook(str(path), {"constant_memory": True})
        self._bold = self._book.add_format({"bold": True})
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._rows = rows
        self._count = 0
        self._sheet = self._next()

    def add(self, tasks: Sequence[ExportedRow]) -> None:
        for task in tasks:
            assert isinstance(task, ExportedTask), "only tasks are asked for"
            if self._row == self._rows:
                self._sheet = self._next()
            status = "overdue" if task.overdue else task.status
            texts = (str(task.id), task.title, task.description, status, task.priority)
            for column, text in enumerate(texts):
                if text:
                    self._sheet.write_string(self._row, column, shown(text))
            self._moment(5, task.due_on or task.due_at)
            self._moment(6, task.created_at)
            self._row += 1

    def close(self) -> None:
        self._book.close()

    def _next(self) -> Worksheet:
        self._count += 1
        name = "Tasks" if self._count == 1 else f"Tasks {self._count}"
        sheet = self._book.add_worksheet(name, worksheet_class=TextSheet)
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(HEADER, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._bold)
        self._row = 1
        return sheet

    def _moment(self, column: int, value: date | datetime | None) -> None:
        """In UTC; spreadsheets know no zones and nothing before 1900."""
        if value is None:
            return
        if value.year < 1900:
            self._sheet.write_string(self._row, column, value.isoformat())
        elif isinstance(value, datetime):
            naive = value.replace(tzinfo=None)
            self._sheet.write_datetime(self._row, column, naive, self._time)
        else:
            self._sheet.write_datetime(self._row, column, midnight(value), self._date)
