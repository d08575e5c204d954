"""TaskHub's files, row by row."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.files import PNG
from tests.support.hub import Hub

FILE = {"id", "filename", "original_filename", "content_type", "size", "created_at"}
PICTURE = ("shot.PNG", PNG, "image/png")
NOTES = ("notes.txt", b"remember the milk\n", "text/plain")


async def test_files_are_added_shown_and_downloaded(hub: Hub, colleague: Hub) -> None:
    """By everybody in the shared workspace."""
    task = await hub.task()
    path = f"/tasks/{task['id']}/files"
    answer = await colleague.upload(task["id"], PICTURE, NOTES)
    assert answer.status_code == 201, answer.text
    picture, notes = answer.json()
    assert picture.keys() == notes.keys() == FILE
    assert (picture["original_filename"], picture["content_type"]) == ("shot.PNG", "image/png")
    assert (picture["size"], notes["size"]) == (len(PNG), len(NOTES[1]))
    stem, _, ending = picture["filename"].partition(".")
    assert (str(UUID(stem)), ending) == (stem, "png")
    listed = (await hub.ask("GET", path)).json()
    assert sorted(listed, key=lambda file: file["size"]) == [notes, picture]
    assert (await hub.ask("GET", f"/tasks/{task['id']}")).json()["files"] == listed
    got = await hub.ask("GET", f"{path}/{picture['id']}")
    assert (got.status_code, got.content) == (200, PNG)
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == 'attachment; filename="shot.PNG"'


async def test_the_newest_file_is_first(hub: Hub) -> None:
    task = await hub.task()
    for name in ("a.txt", "b.txt"):
        assert (await hub.upload(task["id"], (name, b"x", "text/plain"))).status_code == 201
    listed = (await hub.ask("GET", f"/tasks/{task['id']}/files")).json()
    assert [file["original_filename"] for file in listed] == ["b.txt", "a.txt"]


async def test_names_in_all_letters_are_downloaded_under_them(hub: Hub) -> None:
    task = await hub.task()
    [file] = (await hub.upload(task["id"], ("отчёт.txt", b"x", "text/plain"))).json()
    assert file["original_filename"] == "отчёт.txt"
    got = await hub.ask("GET", f"/tasks/{task['id']}/files/{file['id']}")
    extended = "filename*=UTF-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.txt"
    assert got.headers["content-disposition"].startswith('attachment; filename="')
    assert extended in got.headers["content-disposition"]


@pytest.mark.parametrize("declared", ["text/html", "application/octet-stream", "image/svg+xml"])
async def test_only_some_types_are_allowed(hub: Hub, declared: str) -> None:
    task = await hub.task()
    answer = await hub.upload(task["id"], NOTES, ("a.txt", b"x", declared))
    assert answer.status_code == 400
    assert answer.json()["detail"] == f"File type {declared} not allowed"
    assert (await hub.ask("GET", f"/tasks/{task['id']}/files")).json() == []


async def test_what_a_file_holds_must_be_what_it_is_said_to_be(hub: Hub) -> None:
    task = await hub.task()
    answer = await hub.upload(task["id"], ("a.png", b"<html></html>", "image/png"))
    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert (await hub.ask("GET", f"/tasks/{task['id']}/files")).json() == []


async def test_a_file_has_at_most_ten_mebibytes(hub: Hub) -> None:
    task = await hub.task()
    answer = await hub.upload(task["id"], ("a.txt", b"a" * (10 << 20) + b"b", "text/plain"))
    assert answer.status_code == 400
    assert answer.json()["detail"] == "File a.txt exceeds maximum size of 10485760 bytes"
    assert (await hub.upload(task["id"], ("a.txt", b"a" * (10 << 20), "text/plain"))).is_success


async def test_an_upload_without_files_says_what_is_missing(system: RunningApp, hub: Hub) -> None:
    url = f"/taskhub/api/tasks/{(await hub.task())['id']}/files"
    headers = {"Authorization": f"Bearer {hub.token}"}
    other = await system.client.post(url, files={"file": NOTES}, headers=headers)
    plain = await system.client.post(url, json={"files": []}, headers=headers)
    for answer in (other, plain):
        assert answer.status_code == 422
        [error] = answer.json()["detail"]
        assert (error["type"], error["loc"]) == ("missing", ["body", "files"])
    mixed: list[tuple[str, Any]] = [("note", (None, "ignored")), ("files", NOTES)]
    answer = await system.client.post(url, files=mixed, headers=headers)
    assert (answer.status_code, len(answer.json())) == (201, 1)
    broken = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await system.client.post(url, content=b"no parts", headers=broken)
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "There was an error parsing the body",
    )


async def test_files_of_nothing_are_none_and_cannot_be_added(hub: Hub) -> None:
    nothing = uuid4()
    answer = await hub.upload(str(nothing), NOTES)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Task not found")
    assert (await hub.ask("GET", f"/tasks/{nothing}/files")).json() == []
    task = await hub.task()
    for method in ("GET", "DELETE"):
        answer = await hub.ask(method, f"/tasks/{task['id']}/files/{nothing}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "File not found")
        answer = await hub.ask(method, f"/tasks/{task['id']}/files/7")
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["path", "file_id"])


async def test_a_file_is_removed_by_whom_it_concerns(hub: Hub, colleague: Hub) -> None:
    task, other = await hub.task(), await hub.task()
    path = f"/tasks/{task['id']}/files"
    [mine] = (await hub.upload(task["id"], NOTES)).json()
    [theirs] = (await colleague.upload(task["id"], NOTES)).json()
    answer = await colleague.ask("DELETE", f"{path}/{mine['id']}")
    assert (answer.status_code, answer.json()["detail"]) == (403, "Not authorized")
    elsewhere = await hub.ask("DELETE", f"/tasks/{other['id']}/files/{mine['id']}")
    assert (elsewhere.status_code, elsewhere.json()["detail"]) == (404, "File not found")
    for file in (mine, theirs):
        assert (await hub.ask("DELETE", f"{path}/{file['id']}")).status_code == 204
        for method in ("GET", "DELETE"):
            gone = await hub.ask(method, f"{path}/{file['id']}")
            assert (gone.status_code, gone.json()["detail"]) == (404, "File not found")
    assert (await hub.ask("GET", path)).json() == []


async def test_an_uploader_and_an_assignee_remove_a_file(hub: Hub, colleague: Hub) -> None:
    task = await hub.task()
    path = f"/tasks/{task['id']}/files"
    [theirs] = (await colleague.upload(task["id"], NOTES)).json()
    assert (await colleague.ask("DELETE", f"{path}/{theirs['id']}")).status_code == 204
    [mine] = (await hub.upload(task["id"], NOTES)).json()
    await hub.ask("PUT", f"/tasks/{task['id']}", {"assigned_to": colleague.user["id"]})
    assert (await colleague.ask("DELETE", f"{path}/{mine['id']}")).status_code == 204
