"""Task Manager moves in: usernames, tags in their order, files from its uploads folder."""

from datetime import date, datetime
from pathlib import Path

import httpx

from commands.imports.items import stream_of
from infra.settings import Settings
from tests.imports.conftest import Serving
from tests.support.app import running_app
from tests.support.files import PNG
from tests.support.log import Log
from tests.support.old_systems import HASH, OLD_PASSWORD, OldSystem, count_of, counts

MADE = datetime.fromisoformat("2024-02-29T08:30:00")
ADA = {"id": 2, "username": "ada", "email": "no address", "hashed_password": HASH}


async def signed_in(client: httpx.AsyncClient) -> dict[str, str]:
    login = {"username": "ada", "password": OLD_PASSWORD}
    answer = await client.post("/taskmanager/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_everything_is_found_under_its_old_number(
    taskmanager: OldSystem, settings: Settings, serving: Serving
) -> None:
    await taskmanager.add("users", ADA)
    late = date.fromisoformat("2024-03-01")
    await taskmanager.add(
        "tasks",
        {
            "id": 7,
            "user_id": 2,
            "title": "Late",
            "priority": "low",
            "due_date": late,
            "tags": ["b", "a", "b"],
            "created_at": MADE,
        },
        {"id": 8, "user_id": 2, "title": "Done", "completed": True, "created_at": MADE},
    )
    report = await taskmanager.move_into(settings)
    assert report.complete, taskmanager.said
    assert counts(report) == {"users": (1, 0, 0), "tasks": (2, 0, 0), "task_files": (0, 0, 0)}
    async with serving() as app:
        ada = await signed_in(app.client)
        tasks = (await app.client.get("/taskmanager/tasks", headers=ada)).json()
        assert [(task["id"], task["title"], task["completed"]) for task in tasks] == [
            (7, "Late", False),
            (8, "Done", True),
        ]
        assert (tasks[0]["due_date"], tasks[0]["priority"]) == ("2024-03-01", "low")
        assert tasks[0]["tags"] == ["b", "a", "b"]
        assert tasks[0]["created_at"].startswith("2024-02-29T08:30:00")
        assert {task["user_id"] for task in tasks} == {2}
        one = await app.client.patch("/taskmanager/tasks/7", json={"title": "L"}, headers=ada)
        assert (one.status_code, one.json()["id"]) == (200, 7)


async def test_a_task_of_more_tags_than_one_change_holds_is_refused(
    taskmanager: OldSystem, settings: Settings
) -> None:
    await taskmanager.add("users", ADA)
    tags = [f"tag {number}" for number in range(600)]
    for title, some in (("Many", tags), ("Enough", tags[:400])):
        await taskmanager.add("tasks", {"user_id": 2, "title": title, "tags": some})
    for dry_run in (True, False):
        report = await taskmanager.move_into(settings, dry_run=dry_run)
        assert counts(report)["tasks"] == (1, 0, 1)
        assert taskmanager.said == ["refused: tasks 1 id: is of 601 events, above 500"]


async def test_what_fell_overdue_before_the_move_is_no_news(
    taskmanager: OldSystem, settings: Settings, log: Log, serving: Serving
) -> None:
    await taskmanager.add("users", ADA)
    due = {"due_date": date.fromisoformat("2024-03-01"), "created_at": MADE}
    await taskmanager.add("tasks", {"user_id": 2, "title": "Late", **due})
    await taskmanager.move_into(settings)
    async with serving() as app:
        login = {"login": "ada", "password": OLD_PASSWORD}
        tokens = (await app.client.post("/v1/sessions", json=login)).json()
        ada = {"Authorization": f"Bearer {tokens['access_token']}"}
        query = "/v1/notifications?min_position=head"
        told = await app.client.get(query, headers=ada)
        assert (told.status_code, told.json()["items"]) == (200, []), told.text
    fallen = await log.pool.fetch(
        "SELECT occurred_at FROM events WHERE topic = 'task.fell_overdue'"
    )
    assert [row["occurred_at"].isoformat() for row in fallen] == ["2024-03-02T00:00:00+00:00"]


async def test_files_come_along_from_their_folder(
    taskmanager: OldSystem, with_files: Settings, tmp_path: Path
) -> None:
    await _add_file(taskmanager, tmp_path)
    report = await taskmanager.move_into(with_files, files=tmp_path)
    assert report.complete, taskmanager.said
    assert counts(report)["task_files"] == (1, 0, 0)
    async with running_app(with_files, worker=True) as app:
        ada = await signed_in(app.client)
        [file] = (await app.client.get("/taskmanager/tasks/7/files", headers=ada)).json()
        assert file["id"] == 5
        assert (file["original_filename"], file["file_size"]) == ("mill.png", len(PNG))
        assert file["content_type"] == "image/png"
        assert file["uploaded_at"].startswith("2024-02-29T08:30:00")
        content = await app.client.get("/taskmanager/files/5", headers=ada)
        assert (content.status_code, content.content) == (200, PNG)
    again = await taskmanager.move_into(with_files, files=tmp_path)
    assert (again.complete, counts(again)["task_files"]) == (True, (0, 1, 0))


async def test_a_file_of_no_known_time_is_as_old_as_its_task(
    taskmanager: OldSystem, with_files: Settings, tmp_path: Path, log: Log
) -> None:
    await _add_file(taskmanager, tmp_path)
    await taskmanager.execute("UPDATE task_files SET uploaded_at = NULL")
    await taskmanager.move_into(with_files, files=tmp_path)
    [added] = await log.reader.stream(stream_of("taskmanager", "attachment", 5))
    assert added.occurred_at.replace(tzinfo=None) == MADE


async def test_without_their_folder_files_stay_and_are_counted(
    taskmanager: OldSystem, settings: Settings, tmp_path: Path
) -> None:
    await _add_file(taskmanager, tmp_path)
    report = await taskmanager.move_into(settings)
    assert count_of(report, "task_files").skipped == 1
    said = "left out: 1 task_files: name the folder where they lie, with --files"
    assert taskmanager.said == [said]


async def test_a_file_that_is_not_as_its_row_says_is_refused(
    taskmanager: OldSystem, with_files: Settings, tmp_path: Path, log: Log
) -> None:
    await _add_file(taskmanager, tmp_path)
    (tmp_path / "short.png").write_bytes(PNG[:-1])
    (tmp_path.parent / "outside.png").write_bytes(PNG)
    for number, name in enumerate(("gone.png", "short.png", "../outside.png"), 10):
        await taskmanager.add("task_files", {**_file(number), "stored_filename": name})
    await taskmanager.add(
        "task_files",
        {**_file(20), "stored_filename": "x", "task_id": 99},
        {**_file(21), "stored_filename": "y", "original_filename": "a/b.png"},
    )
    report = await taskmanager.move_into(with_files, files=tmp_path)
    assert counts(report)["task_files"] == (1, 0, 5)
    size = len(PNG)
    assert taskmanager.said == [
        "refused: task_files 20 task_id: there is no tasks 99",
        "refused: task_files 21 original_filename: a file must have a name without / and \\",
        "refused: task_files 10 stored_filename: gone.png is not there",
        f"refused: task_files 11 stored_filename: short.png has {size - 1} bytes,"
        f" its row says {size}",
        "refused: task_files 12 stored_filename: ../outside.png leads out of the folder",
    ]
    assert await log.reader.stream(stream_of("taskmanager", "attachment", 12)) == []


def _file(id: int) -> dict[str, object]:
    return {
        "id": id,
        "task_id": 7,
        "original_filename": "mill.png",
        "file_size": len(PNG),
        "content_type": "image/png",
        "uploaded_at": MADE,
    }


async def _add_file(old: OldSystem, folder: Path) -> None:
    (folder / "5f.png").write_bytes(PNG)
    await old.add("users", ADA)
    await old.add("tasks", {"id": 7, "user_id": 2, "title": "T", "created_at": MADE})
    await old.add("task_files", {**_file(5), "stored_filename": "5f.png"})
