"""Exports over HTTP and from the shell."""

import asyncio
import os
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from openpyxl import load_workbook

from events.refusals import Invalid, NotFound
from gateway.bootstrap.exporting import export_to
from gateway.cli import parser
from queries.routes import exports
from queries.routes.exports import XLSX
from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing

Json = dict[str, Any]


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


def column(name: str, content: bytes) -> list[str]:
    sheet = load_workbook(BytesIO(content))["Tasks"]
    header, *rows = sheet.iter_rows(values_only=True)
    return [str(row[header.index(name)]) for row in rows]


def titles(content: bytes) -> list[str]:
    return column("Title", content)


async def two_tasks(api: httpx.AsyncClient) -> tuple[Person, str]:
    ada = await register(api, "ada")
    home = await sharing(ada)
    for title in ("First", "=1+1"):
        await ada.made("/v1/tasks", {"title": title, "workspace": home})
    await ada.made("/v1/tasks", {"title": "Elsewhere"})
    return ada, home


async def test_a_small_export_is_sent_at_once(api: httpx.AsyncClient) -> None:
    ada, home = await two_tasks(api)
    answer = await ada.ask("GET", f"/v1/exports/tasks.xlsx?workspace={home}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == XLSX
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tasks.xlsx"'
    assert titles(answer.content) == ["=1+1", "First"]
    everything = await ada.ask("GET", "/v1/exports/tasks.xlsx?history=true")
    assert titles(everything.content) == ["Elsewhere", "=1+1", "First"]
    assert load_workbook(BytesIO(everything.content))["History"].max_row == 4


async def test_workspaces_come_by_name_and_in_each_the_newest_first(api: httpx.AsyncClient) -> None:
    ada, home = await two_tasks(api)
    await ada.made("/v1/tasks", {"title": "Last", "workspace": home})
    content = (await ada.ask("GET", "/v1/exports/tasks.xlsx")).content
    assert column("Workspace", content) == ["Personal", "Shared", "Shared", "Shared"]
    assert titles(content) == ["Elsewhere", "Last", "=1+1", "First"]


async def test_others_tasks_are_not_in_it(api: httpx.AsyncClient) -> None:
    _, home = await two_tasks(api)
    stranger = await register(api, "mallory")
    assert titles((await stranger.ask("GET", "/v1/exports/tasks.xlsx")).content) == []
    answer = await stranger.ask("GET", f"/v1/exports/tasks.xlsx?workspace={home}")
    assert (answer.status_code, answer.json()["field"]) == (404, "workspace")


async def test_a_large_one_is_refused(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, home = await two_tasks(api)
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    answer = await ada.ask("GET", f"/v1/exports/tasks.xlsx?workspace={home}")
    assert (answer.status_code, answer.json()["code"]) == (422, "export-too-large")


async def test_the_shell_writes_the_same(served: RunningApp, tmp_path: Path) -> None:
    _, home = await two_tasks(served.client)
    path = tmp_path / "out.xlsx"
    rows = await export_to(
        served.settings, path, format="xlsx", workspaces=[UUID(home)], history=False
    )
    assert rows == 2
    assert titles(path.read_bytes()) == ["=1+1", "First"]
    with pytest.raises(Invalid):
        await export_to(served.settings, path, format="csv", workspaces=None, history=True)
    assert await asyncio.to_thread(os.listdir, tmp_path) == ["out.xlsx"]


async def test_the_shell_names_a_workspace_that_is_not_there(
    served: RunningApp, tmp_path: Path
) -> None:
    _, home = await two_tasks(served.client)
    path, wrong = tmp_path / "out.csv", uuid4()
    await asyncio.to_thread(path.write_text, "the last one")
    named = [UUID(home), wrong]
    with pytest.raises(NotFound, match=str(wrong)):
        await export_to(served.settings, path, format="csv", workspaces=named, history=False)
    assert await asyncio.to_thread(path.read_text) == "the last one"


async def test_the_shell_writes_notes_too(served: RunningApp, tmp_path: Path) -> None:
    ada, home = await two_tasks(served.client)
    await ada.made("/v1/notes", {"title": "Ideas", "workspace": home})
    path = tmp_path / "notes.csv"
    arguments = parser().parse_args(["export", str(path), "--workspace", home, "--noun", "note"])
    rows = await export_to(
        served.settings,
        path,
        format="csv",
        workspaces=arguments.workspace,
        history=arguments.history,
        noun=arguments.noun,
    )
    assert rows == 1
    assert "Ideas" in await asyncio.to_thread(path.read_text)
