"""What does an export come to? Counted while its rows are written, and drawn by the spreadsheet."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from queries.analytics import PRIORITIES, STATUS_COLOURS, STATUSES
from queries.cells import midnight, shown
from queries.exported import ExportedTask

SHEET = "Summary"
DAYS = 30
_MOST = 20
_ROW = 20  # pixels
_CHART_HEIGHT = 288
_COUNTS = {"min": 0, "num_format": "0"}
_DOUGHNUT = {
    "data_labels": {"value": True},
    "points": [{"fill": {"color": colour}} for colour in STATUS_COLOURS],
}


class Summary:
    """A task that is overdue counts as that."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.priorities: Counter[str] = Counter()
        self.assignees: Counter[str] = Counter()
        self.created: Counter[date] = Counter()
        self.completed: Counter[date] = Counter()

    def add(self, task: ExportedTask) -> None:
        self.statuses["overdue" if task.overdue else task.status] += 1
        self.priorities[task.priority] += 1
        self.assignees[task.assignee or "(nobody)"] += 1
        self.created[task.created_at.astimezone(UTC).date()] += 1
        if task.completed_at is not None:
            self.completed[task.completed_at.astimezone(UTC).date()] += 1

    def days(self) -> list[date]:
        """The last thirty up to the last on which anything happened."""
        last = max([*self.created, *self.completed], default=None)
        if last is None:
            return []
        return [last - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]


def write_summary(book: Workbook, sheet: Worksheet, bold: Format, summary: Summary) -> None:
    """Tables below each other, in the order in which rows can be written; charts beside them."""
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 2, 12)
    page = _Page(book, sheet, bold)
    page.table("Status", _named(summary.statuses, STATUSES), "doughnut")
    page.table("Priority", _named(summary.priorities, PRIORITIES), "column")
    people = [(name, count) for name, count in summary.assignees.most_common(_MOST)]
    page.table("Assignee", people, "bar")
    page.days(summary)


class _Page:
    def __init__(self, book: Workbook, sheet: Worksheet, bold: Format) -> None:
        self._book = book
        self._sheet = sheet
        self._bold = bold
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._row = 0
        self._chart_row = 0

    def table(self, title: str, rows: Sequence[tuple[str, int]], kind: str) -> None:
        first = self._header(title, "Tasks")
        for name, count in rows:
            self._sheet.write_string(self._row, 0, shown(name))
            self._sheet.write_number(self._row, 1, count)
            self._row += 1
        self._chart(kind, f"Tasks by {title.lower()}", first, ["Tasks"])
        self._row += 1

    def days(self, summary: Summary) -> None:
        first = self._header("Day (UTC)", "Created", "Completed")
        for day in summary.days():
            self._sheet.write_datetime(self._row, 0, midnight(day), self._day)
            self._sheet.write_number(self._row, 1, summary.created[day])
            self._sheet.write_number(self._row, 2, summary.completed[day])
            self._row += 1
        self._chart("line", "Created and completed a day", first, ["Created", "Completed"])

    def _header(self, *titles: str) -> int:
        for column, title in enumerate(titles):
            self._sheet.write_string(self._row, column, title, self._bold)
        self._row += 1
        return self._row

    def _chart(self, kind: str, title: str, first: int, series: Sequence[str]) -> None:
        """Of the rows written since `first`, if there are any."""
        last = self._row - 1
        if last < first:
            return
        chart = self._book.add_chart({"type": kind})
        assert chart is not None, "the kind is one there is"
        for column, name in enumerate(series, start=1):
            chart.add_series(self._series(first, last, column, name, kind))
        chart.set_title({"name": title, "overlay": False})
        height = _CHART_HEIGHT
        match kind:
            case "column":
                chart.set_y_axis(_COUNTS)
            case "bar":  # the first on top, and room for the name of each
                height = max(height, 100 + _ROW * (self._row - first))
                chart.set_x_axis({**_COUNTS, "label_position": "high"})
                chart.set_y_axis({"reverse": True, "interval_unit": 1})
            case "line":
                chart.set_y_axis(_COUNTS)
                chart.set_x_axis({"date_axis": True, "num_format": "d mmm"})
        if len(series) == 1 and kind != "doughnut":
            chart.set_legend({"none": True})
        chart.set_size({"height": height})
        self._sheet.insert_chart(self._chart_row, 4, chart)
        self._chart_row += height // _ROW + 2

    def _series(self, first: int, last: int, column: int, name: str, kind: str) -> dict[str, Any]:
        return {
            "name": name,
            "categories": [SHEET, first, 0, last, 0],
            "values": [SHEET, first, column, last, column],
            **(_DOUGHNUT if kind == "doughnut" else {}),
        }


def _named(counted: Counter[str], names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, counted[name]) for name in names]
