"""An export holds notes or posts as well as tasks, in each format."""

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from openpyxl import load_workbook

from commands.notes import ArchiveNote, CreateNote, DeleteNote
from commands.posts import CreatePost
from commands.tags import CreateTag
from commands.view_counter import ViewCounter
from events.exports import ExportFormat
from events.ids import new_id
from events.tasks import TaskFellOverdue
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from queries.exported import EXPORTED, ExportedNote, ExportedPost
from queries.exports import Export
from queries.formats import schema_of
from queries.sheets import SHEETS
from queries.writing import write_export
from tests.support.log import append_facts, open_log
from tests.support.office import Office, request


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    """With three notes, one of them deleted, and two posts, one of them seen twice."""
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        red, space = new_id(), office.workspace
        await office.one.handle([CreateTag(stream=red, workspace=space, name="Red")], request())
        notes = [
            CreateNote(stream=new_id(), workspace=space, title="=Plan", tags=(red,)),
            CreateNote(stream=new_id(), workspace=space, title="Old", content="a\nb", number=7),
            CreateNote(stream=new_id(), workspace=space, title="Gone"),
        ]
        posts = [
            CreatePost(stream=new_id(), workspace=space, title="Hello", content="text"),
            CreatePost(
                stream=new_id(), workspace=space, title="Hi", content="-x", status="published"
            ),
        ]
        for command in (*notes, *posts):
            await office.one.handle([command], request())
        await office.one.handle([ArchiveNote(stream=notes[1].stream)], request())
        await office.one.handle([DeleteNote(stream=notes[2].stream)], request())
        for _ in range(2):
            await ViewCounter(office.one).count(posts[0].stream, request())
        for projection in PROJECTIONS:
            await rebuild(log.pool, projection, log.reader)
        yield office


async def test_notes_read_back_the_same_from_every_format(office: Office, tmp_path: Path) -> None:
    export = Export(office.log.pool, [office.workspace], utc_now(), "note")
    assert await export.count() == 2
    for format in get_args(ExportFormat):
        assert await write_export(export, tmp_path / f"notes.{format}", format) == 2
    old, plan = [json.loads(line) for line in (tmp_path / "notes.ndjson").read_text().splitlines()]
    assert (old["title"], old["number"], old["content"]) == ("Old", 7, "a\nb")
    assert (plan["title"], plan["category"], plan["tags"]) == ("=Plan", "general", ["Red"])
    assert (old["archived_at"] is None, plan["archived_at"]) == (False, None)
    with (tmp_path / "notes.csv").open(newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == ["Old", "'=Plan"]
    frame = pl.read_parquet(tmp_path / "notes.parquet")
    assert frame["favourite"].to_list() == [False, False]
    assert frame["tags"].to_list() == [None, ["Red"]]
    book = load_workbook(tmp_path / "notes.xlsx")
    assert book.sheetnames == ["Notes"]
    rows = list(book["Notes"].iter_rows(values_only=True))
    assert rows[0] == tuple(column.title for column in SHEETS["note"].columns)
    assert [row[3:8] for row in rows[1:]] == [
        ("Old", "a\nb", "general", False, None),
        ("=Plan", None, "general", False, None),
    ]


async def test_posts_read_back_the_same_from_every_format(office: Office, tmp_path: Path) -> None:
    export = Export(office.log.pool, [office.workspace], utc_now(), "post")
    for format in get_args(ExportFormat):
        assert await write_export(export, tmp_path / f"posts.{format}", format) == 2
    hi, hello = [json.loads(line) for line in (tmp_path / "posts.ndjson").read_text().splitlines()]
    assert (hi["status"], hi["slug"], hi["views"]) == ("published", "hi", 0)
    assert (hello["status"], hello["slug"], hello["views"]) == ("draft", None, 2)
    assert hi["published_at"] is not None
    frame = pl.read_parquet(tmp_path / "posts.parquet")
    assert frame["views"].to_list() == [0, 2]
    assert frame["published_at"].dtype == pl.Datetime("us", "UTC")
    sheet = load_workbook(tmp_path / "posts.xlsx")["Posts"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[3:8] for row in rows] == [
        ("Hi", "-x", "published", "hi", 0),
        ("Hello", "text", "draft", None, 2),
    ]


async def test_the_history_of_notes_is_that_of_notes(office: Office, tmp_path: Path) -> None:
    export = Export(office.log.pool, [office.workspace], utc_now(), "note")
    rows = await write_export(export, tmp_path / "notes.xlsx", "xlsx", history=True)
    assert rows == 2 + await export.count_history() == 8
    book = load_workbook(tmp_path / "notes.xlsx")
    assert book.sheetnames == ["Notes", "History"]
    lines = list(book["History"].iter_rows(values_only=True))
    assert lines[0][4:6] == ("Note ID", "Note")
    assert [line[3] for line in lines[1:]] == [
        "note.created",
        "note.tagged",
        "note.created",
        "note.created",
        "note.archived",
        "note.deleted",
    ]


async def test_the_history_says_which_task_fell_overdue(office: Office) -> None:
    """That is announced in a stream of its own."""
    log, task = office.log, await office.task()
    announced = [TaskFellOverdue(task=task, due_at=utc_now())]
    await append_facts(log, announced, owner=office.workspace)
    for projection in PROJECTIONS:
        await rebuild(log.pool, projection, log.reader)
    export = Export(log.pool, [office.workspace], utc_now())
    lines = [line async for lines in export.history() for line in lines]
    assert [(line.event, line.about, line.title) for line in lines] == [
        ("task.created", task, "Write"),
        ("task.fell_overdue", task, "Write"),
    ]


@pytest.mark.parametrize("noun", EXPORTED)
async def test_pages_come_to_the_same_as_one(office: Office, noun: str) -> None:
    export = Export(office.log.pool, None, utc_now(), noun)  # type: ignore[arg-type]
    whole = [row async for rows in export.rows(100) for row in rows]
    assert len(whole) == await export.count()
    assert [row async for rows in export.rows(1) for row in rows] == whole


def test_a_column_has_the_type_of_its_field() -> None:
    assert schema_of(ExportedNote)["favourite"] == pl.Boolean
    assert schema_of(ExportedNote)["archived_at"] == pl.Datetime("us", "UTC")
    assert schema_of(ExportedPost)["status"] == pl.String
    assert schema_of(ExportedPost)["tags"] == pl.List(pl.String)
