"""A workbook that was written is read back by another library, to the same values."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from events.ids import new_id
from queries.analytics import STATUS_COLOURS
from queries.cells import inert, midnight, shown
from queries.exported import ExportedEvent, ExportedTask
from queries.sheets import SHEETS, history_sheet
from queries.workbook import HistoryWorkbook, Workbook

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
HEADER = tuple(column.title for column in SHEETS["task"].columns)


def task(title: str = "Write", **changes: Any) -> ExportedTask:
    fields: dict[str, Any] = {
        "id": new_id(),
        "number": 1_000_000_042,
        "workspace": "Office",
        "title": title,
        "description": None,
        "status": "todo",
        "priority": "medium",
        "overdue": False,
        "start_on": None,
        "start_at": None,
        "due_on": None,
        "due_at": None,
        "assignee": None,
        "created_by": "Ada",
        "tags": None,
        "created_at": NOON,
        "updated_at": NOON,
        "started_at": None,
        "completed_at": None,
        **changes,
    }
    return ExportedTask(**fields)


def written(path: Path, *tasks: ExportedTask, rows: int = 1_048_576) -> Any:
    book = Workbook(path, rows=rows)
    book.add_rows(tasks)
    book.close()
    return load_workbook(path)


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.xlsx"


def test_values_come_back_as_what_they_are(path: Path) -> None:
    made = task(
        "Übung 💡",
        description="one\ntwo",
        overdue=True,
        priority="urgent",
        due_on=date(2026, 11, 19),
        start_at=NOON,
        assignee="Eve",
        tags=["Red", "Blue"],
        completed_at=NOON,
    )
    [row] = rows_of(written(path, made)["Tasks"])
    assert row == {
        "ID": str(made.id),
        "Number": 1_000_000_042,
        "Workspace": "Office",
        "Title": "Übung 💡",
        "Description": "one\ntwo",
        "Status": "todo",
        "Priority": "urgent",
        "Overdue": True,
        "Start": NAIVE,
        "Due": midnight(date(2026, 11, 19)),
        "Assignee": "Eve",
        "Created by": "Ada",
        "Tags": "Red, Blue",
        "Created (UTC)": NAIVE,
        "Updated (UTC)": NAIVE,
        "Started (UTC)": None,
        "Completed (UTC)": NAIVE,
    }


def test_the_header_stays_in_sight_and_filters(path: Path) -> None:
    sheet = written(path, task(), task())["Tasks"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:Q3"
    assert sheet.column_dimensions["D"].width == pytest.approx(40, abs=1)
    due = rows_of(sheet)
    assert len(due) == 2
    assert sheet["N2"].number_format == "yyyy-mm-dd hh:mm:ss"


def test_a_row_is_one_line_and_text_stays_in_its_cell(path: Path) -> None:
    sheet = written(path, task("Write", description="one\n\ntwo"))["Tasks"]
    assert sheet.sheet_format.customHeight
    for cell in (sheet["D2"], sheet["E2"]):
        assert (cell.alignment.wrap_text, cell.alignment.vertical) == (True, "top")


def test_yes_and_no_are_words_in_spreadsheets_that_would_show_numbers(path: Path) -> None:
    sheet = written(path, task(start_on=date(2026, 11, 19)))["Tasks"]
    assert (sheet["H2"].value, sheet["H2"].data_type) == (False, "b")
    assert sheet["H2"].number_format == '"TRUE";"TRUE";"FALSE"'


@pytest.mark.parametrize(
    "title",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        '=HYPERLINK("http://example.org")',
        "{=1+1}",
        "https://example.org",
        "<r><t>rich</t></r>",
        "<r></si></r>",
        "  spaces  ",
        "007",
        "TRUE",
    ],
)
def test_text_stays_text(path: Path, title: str) -> None:
    sheet = written(path, task(title))["Tasks"]
    cell = sheet["D2"]
    assert (cell.value, cell.data_type) == (title, "s")
    assert cell.hyperlink is None


def test_what_looks_like_an_escape_is_escaped(path: Path) -> None:
    sheet = written(path, task("_x0041_ stays"))["Tasks"]
    assert unescape(sheet["D2"].value) == "_x0041_ stays"


def test_what_xml_forbids_is_left_out(path: Path) -> None:
    sheet = written(path, task("a\x00b\x0bc\ufffed\ud800e\r\nf"))["Tasks"]
    assert sheet["D2"].value == "abcde\nf"


def test_a_cell_takes_so_much_and_no_more(path: Path) -> None:
    sheet = written(path, task(description="x" * 40_000))["Tasks"]
    assert len(sheet["E2"].value) == 32_767


def test_moments_that_spreadsheets_do_not_know_are_text(path: Path) -> None:
    old = task(due_on=date(1066, 10, 14), start_at=datetime(1815, 12, 10, tzinfo=UTC))
    [row] = rows_of(written(path, old)["Tasks"])
    assert (row["Due"], row["Start"]) == ("1066-10-14", "1815-12-10T00:00:00+00:00")
    never = task(due_at=datetime.max.replace(tzinfo=UTC), start_on=date.max)
    [row] = rows_of(written(path, never)["Tasks"])
    assert row["Due"] == "9999-12-31T23:59:59.999999+00:00"
    assert row["Start"] == midnight(date.max)


def test_rows_over_the_limit_go_on_the_next_sheet(path: Path) -> None:
    book = written(path, *(task(str(n)) for n in range(7)), rows=4)
    assert book.sheetnames == ["Tasks", "Summary", "Tasks 2", "Tasks 3"]
    names = ("Tasks", "Tasks 2", "Tasks 3")
    titles = [[row["Title"] for row in rows_of(book[name])] for name in names]
    assert titles == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert [book[name].auto_filter.ref for name in names] == ["A1:Q4", "A1:Q4", "A1:Q2"]


def test_the_summary_counts_and_draws(path: Path) -> None:
    book = written(
        path,
        task(),
        task(status="in_progress", overdue=True, assignee="=Eve"),
        task(status="completed", completed_at=NOON, assignee="=Eve"),
    )
    sheet = book["Summary"]
    found = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert {name: found[name] for name in ("todo", "in_progress", "completed", "overdue")} == {
        "todo": 1,
        "in_progress": 0,
        "completed": 1,
        "overdue": 1,
    }
    assert (found["medium"], found["=Eve"], found["(nobody)"]) == (3, 2, 1)
    last = list(sheet.iter_rows(values_only=True))[-1]
    assert last == (midnight(date(2026, 11, 20)), 3, 1)
    with ZipFile(path) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        drawn = [parts.read(name).decode() for name in charts]
    assert len(charts) == 4
    assert sum('<c:min val="0"/>' in chart for chart in drawn) == len(charts) - 1, (
        "counts begin at nothing"
    )
    assert sum("<c:dateAx>" in chart for chart in drawn) == 1


def test_every_assignee_is_named_the_busiest_on_top(path: Path) -> None:
    written(path, *(task(assignee=f"P{n}") for n in range(20)))
    with ZipFile(path) as parts:
        chart = parts.read("xl/charts/chart3.xml").decode()
        places = parts.read("xl/drawings/drawing1.xml").decode()
    assert '<c:orientation val="maxMin"/>' in chart
    assert '<c:tickLblSkip val="1"/>' in chart
    rows = [int(row) for row in re.findall(r"<xdr:row>(\d+)</xdr:row>", places)]
    assert rows == sorted(rows), "a chart begins below the end of the last"
    assert rows[5] - rows[4] >= 20


def test_a_status_has_the_colour_that_it_has_in_charts(path: Path) -> None:
    written(path, task())
    with ZipFile(path) as parts:
        drawn = parts.read("xl/charts/chart1.xml").decode()
    colours = [f"#{colour}" for colour in re.findall(r'<a:srgbClr val="(\w+)"/>', drawn)]
    assert colours == list(STATUS_COLOURS)


def test_nothing_makes_a_workbook_too(path: Path) -> None:
    book = written(path)
    assert rows_of(book["Tasks"]) == []
    assert tuple(cell.value for cell in book["Tasks"][1]) == HEADER


def test_the_history_is_a_sheet_of_its_own(path: Path) -> None:
    event = ExportedEvent(7, NOON, "Ada", "task.edited", UUID(int=7), "=cmd", ["title", "priority"])
    book = HistoryWorkbook(path)
    book.add_rows([task()])
    book.add_history([event])
    book.close()
    sheet = load_workbook(path)["History"]
    assert rows_of(sheet) == [
        dict(
            zip(
                (column.title for column in history_sheet("task").columns),
                (
                    7,
                    NAIVE,
                    "Ada",
                    "task.edited",
                    str(UUID(int=7)),
                    "=cmd",
                    "title, priority",
                ),
                strict=True,
            )
        )
    ]


def test_csv_marks_what_a_spreadsheet_would_run() -> None:
    assert [inert(text) for text in ("=1", "+1", "-1", "@a", "\ta", "\ra", "a=1", "")] == [
        "'=1",
        "'+1",
        "'-1",
        "'@a",
        "'\ta",
        "'\ra",
        "a=1",
        "",
    ]
    assert shown("a\rb") == "a\nb"
