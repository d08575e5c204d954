"""Task Manager's files, on their task and by themselves."""

import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.app import RunningApp
from tests.support.files import PNG, keys_in, objects_in
from tests.support.taskmanager import PREFIX, Manager, misses, says
from tests.support.waiting import until_so

FILE = {"id", "original_filename", "file_size", "content_type", "uploaded_at"}
NOTES = ("notes.txt", b"remember the milk\n", "text/plain")
ALLOWED = ".jpg, .jpeg, .png, .gif, .pdf, .doc, .docx, .txt, .zip"
both_paths = pytest.mark.parametrize("path", ["/files", "/files/files"])


def missing_file(number: int) -> dict[str, str]:
    return {"detail": f"File with ID {number} not found"}


async def test_a_file_is_uploaded_and_listed(manager: Manager) -> None:
    task = await manager.task()
    answer = await manager.upload(task["id"], "shot.PNG", PNG, "image/png")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert file.keys() == {*FILE, "task_id"}
    assert isinstance(file["id"], int)
    assert file["task_id"] == task["id"]
    assert (file["original_filename"], file["content_type"]) == ("shot.PNG", "image/png")
    assert file["file_size"] == len(PNG)
    assert file["uploaded_at"].endswith("Z")
    notes = (await manager.upload(task["id"], *NOTES)).json()
    listed = await manager.ask("GET", f"/tasks/{task['id']}/files")
    assert listed.status_code == 200
    assert listed.json() == [
        {name: value for name, value in each.items() if name != "task_id"} for each in (file, notes)
    ]


@both_paths
async def test_a_file_is_downloaded_under_its_name(manager: Manager, path: str) -> None:
    task = await manager.task()
    file = (await manager.upload(task["id"], "my shot.png", PNG, "image/png")).json()
    got = await manager.ask("GET", f"{path}/{file['id']}")
    assert (got.status_code, got.content) == (200, PNG)
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == 'attachment; filename="my shot.png"'


@both_paths
async def test_a_file_is_removed(manager: Manager, path: str) -> None:
    task = await manager.task()
    file = (await manager.upload(task["id"], *NOTES)).json()
    answer = await manager.ask("DELETE", f"{path}/{file['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        again = await manager.ask(method, f"{path}/{file['id']}")
        says(again, 404, missing_file(file["id"]))
    assert (await manager.ask("GET", f"/tasks/{task['id']}/files")).json() == []


@both_paths
async def test_somebody_elses_file_is_forbidden(
    manager: Manager, stranger: Manager, path: str
) -> None:
    task = await manager.task()
    file = (await manager.upload(task["id"], *NOTES)).json()
    for method, doing in (("GET", "download"), ("DELETE", "delete")):
        answer = await stranger.ask(method, f"{path}/{file['id']}")
        says(answer, 403, {"detail": f"You do not have permission to {doing} this file"})
    assert (await manager.ask("GET", f"{path}/{file['id']}")).content == NOTES[1]


@both_paths
async def test_a_file_that_is_not_there_is_not_found(manager: Manager, path: str) -> None:
    task = await manager.task()
    for number in (9, task["id"], 10**30):
        for method in ("GET", "DELETE"):
            answer = await manager.ask(method, f"{path}/{number}")
            says(answer, 404, missing_file(number))
            answer = await manager.ask(method, f"{path}/nine")
            misses(answer, "path", "file_id", kind="int_parsing")


@pytest.mark.parametrize(
    ("name", "ending"),
    [("run.exe", ".exe"), ("page.HTML", ".html"), ("noending", ""), ("a.tar.gz", ".gz")],
)
async def test_only_some_endings_are_allowed(manager: Manager, name: str, ending: str) -> None:
    task = await manager.task()
    answer = await manager.upload(task["id"], name, b"x", "text/plain")
    text = f"File type {ending} not allowed. Allowed types: {ALLOWED}"
    says(answer, 400, {"detail": text})
    assert (await manager.ask("GET", f"/tasks/{task['id']}/files")).json() == []


async def test_what_a_file_holds_must_be_what_its_name_says(manager: Manager) -> None:
    task = await manager.task()
    for name, kind in (("a.png", "image/png"), ("a.pdf", "application/octet-stream")):
        answer = await manager.upload(task["id"], name, b"<html></html>", kind)
        assert answer.status_code == 400
        assert name in answer.json()["detail"]
    assert (await manager.ask("GET", f"/tasks/{task['id']}/files")).json() == []


async def test_a_file_has_at_most_ten_mebibytes(manager: Manager) -> None:
    task = await manager.task()
    answer = await manager.upload(task["id"], "a.txt", b"a" * ((10 << 20) + 1), "text/plain")
    says(answer, 400, {"detail": "File too large. Max size: 10.0 MB"})
    answer = await manager.upload(task["id"], "a.txt", b"a" * (10 << 20), "text/plain")
    assert (answer.status_code, answer.json()["file_size"]) == (201, 10 << 20)


async def test_an_upload_without_a_file_says_what_is_missing(
    system: RunningApp, manager: Manager
) -> None:
    url = f"{PREFIX}/tasks/{(await manager.task())['id']}/files"
    other = await system.client.post(url, files={"files": NOTES}, headers=manager.headers)
    plain = await system.client.post(url, json={"file": "x"}, headers=manager.headers)
    text = await system.client.post(url, files={"file": (None, "x")}, headers=manager.headers)
    for answer in (other, plain, text):
        misses(answer, "body", "file", kind="missing")
    broken = {**manager.headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await system.client.post(url, content=b"no parts", headers=broken)
    says(answer, 400, {"detail": "There was an error parsing the body"})


async def test_files_are_on_a_task_that_is_there(manager: Manager) -> None:
    message = "Task with ID 99999 not found"
    body = {"error": "Task Not Found", "message": message, "task_id": 99999}
    says(await manager.upload(99999, *NOTES), 404, body)
    says(await manager.ask("GET", "/tasks/99999/files"), 404, body)


async def test_a_deleted_task_takes_its_files_with_it(manager: Manager, s3: EmbeddedS3) -> None:
    objects = objects_in(s3, "taskhub")
    task, kept = await manager.task(), await manager.task()
    await manager.upload(kept["id"], *NOTES)
    before = await keys_in(objects)
    files = [(await manager.upload(task["id"], *NOTES)).json() for _ in range(2)]
    assert len(await keys_in(objects) - before) == 2
    answer = await manager.ask("DELETE", f"/tasks/{task['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    for file in files:
        says(await manager.ask("GET", f"/files/{file['id']}"), 404, missing_file(file["id"]))

    async def gone() -> bool:
        return await keys_in(objects) == before

    await until_so(gone)
