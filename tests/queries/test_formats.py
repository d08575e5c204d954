"""An export holds every task there is, in each format, whatever the size of a page."""

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from openpyxl import load_workbook

from commands.tags import CreateTag
from commands.tasks import DeleteTask
from events.exports import ExportFormat
from events.ids import new_id
from events.refusals import Invalid
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from queries.exported import ExportedRow
from queries.exports import Export
from queries.writing import write_export
from tests.support.log import open_log
from tests.support.office import MEMBER, Office, request

FORMULA = "=cmd()"


@pytest.fixture
async def export(database: str) -> AsyncIterator[Export]:
    """Of an office with seven tasks, and one that was deleted."""
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        red = new_id()
        tag = CreateTag(stream=red, workspace=office.workspace, name="Red")
        await office.one.handle([tag], request())
        for number in range(7):
            task = office.new_task(
                description=FORMULA if number == 3 else 'one,\n"two"',
                assignee=MEMBER,
                tags=(red,) if number % 2 else (),
                due=utc_now() if number == 5 else utc_now().date(),
            )
            await office.one.handle([task], request())
        await office.one.handle([DeleteTask(stream=await office.task())], request())
        for projection in PROJECTIONS:
            await rebuild(log.pool, projection, log.reader)
        yield Export(log.pool, [office.workspace], utc_now())


async def all_of(export: Export, page: int) -> list[ExportedRow]:
    return [task async for tasks in export.rows(page) for task in tasks]


async def test_pages_come_to_the_same_as_one(export: Export) -> None:
    whole = await all_of(export, 100)
    assert len(whole) == await export.count() == 7
    assert [task.created_at for task in whole] == sorted(
        (task.created_at for task in whole), reverse=True
    )
    for page in (1, 2, 3, 7):
        assert await all_of(export, page) == whole
    events = [event async for events in export.history(3) for event in events]
    assert len(events) == await export.count_history() >= 9


async def test_every_format_reads_back_to_the_same_tasks(export: Export, tmp_path: Path) -> None:
    tasks = await all_of(export, 100)
    ids = [str(task.id) for task in tasks]
    for format in get_args(ExportFormat):
        path = tmp_path / f"tasks.{format}"
        assert await write_export(export, path, format) == 7
    with (tmp_path / "tasks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ids
    assert {row["description"] for row in rows} == {'one,\n"two"', f"'{FORMULA}"}
    lines = (tmp_path / "tasks.ndjson").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    frame = pl.read_parquet(tmp_path / "tasks.parquet")
    assert frame["id"].to_list() == ids
    assert frame["created_at"].to_list() == [task.created_at for task in tasks]
    assert frame["tags"].to_list() == [task.tags for task in tasks]
    book = load_workbook(tmp_path / "tasks.xlsx")
    assert [row[0] for row in book["Tasks"].iter_rows(min_row=2, values_only=True)] == ids


async def test_nothing_makes_a_file_too(export: Export, tmp_path: Path) -> None:
    nothing = Export(export.database, [new_id()], utc_now())
    for format in get_args(ExportFormat):
        path = tmp_path / f"tasks.{format}"
        assert await write_export(nothing, path, format) == 0
        assert path.exists()
    assert pl.read_parquet(tmp_path / "tasks.parquet").is_empty()


async def test_a_history_needs_a_workbook(export: Export, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    rows = await write_export(export, path, "xlsx", history=True)
    assert rows == 7 + await export.count_history()
    book = load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["Tasks", "Summary", "History"]
    assert book["History"].max_row == 1 + await export.count_history()
    with pytest.raises(Invalid) as refused:
        await write_export(export, tmp_path / "all.csv", "csv", history=True)
    assert refused.value.field == "history"


async def test_whoever_hears_of_the_progress_can_end_it(export: Export, tmp_path: Path) -> None:
    async def enough(rows: int) -> None:
        raise LookupError(rows)

    path = tmp_path / "some.csv"
    with pytest.raises(LookupError, match="7"):
        await write_export(export, path, "csv", progressed=enough)
