"""TaskHub moves in: the workspace that everybody shares, with comments, files and reminders."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from msgspec.structs import replace

from events.envelope import Metadata
from gateway.bootstrap.mailing import owed_for
from infra.settings import Settings
from tests.imports.conftest import Serving, demand_sound
from tests.support.app import running_app
from tests.support.files import PNG
from tests.support.hub import Hub
from tests.support.log import Log
from tests.support.old_systems import HASH, OLD_PASSWORD, OldSystem, count_of, counts

MADE = datetime.fromisoformat("2024-02-29T08:30:00+00:00")
CHANGED = datetime.fromisoformat("2024-03-01T08:30:00+00:00")
TIMES = {"created_at": MADE, "updated_at": CHANGED}
SAME = {"created_at": MADE, "updated_at": MADE}
ADA, BOB, GONE = (uuid4() for _ in range(3))


async def fill(old: OldSystem, **task: Any) -> UUID:
    """Three people, and a task of Ada's for Bob."""
    for id, name, active in ((ADA, "ada", True), (BOB, "bob", True), (GONE, "gone", False)):
        person = {"email": f"{name}@example.org", "username": name, "full_name": name.title()}
        rest = {"avatar_url": f"https://example.org/{name}.png", "is_active": active}
        await old.add("users", {"id": id, **person, "hashed_password": HASH, **rest, **TIMES})
    id = uuid4()
    fields = {"title": "Plan", "status": "in_progress", "priority": "urgent", "created_by": ADA}
    await old.add("tasks", {"id": id, **fields, "assigned_to": BOB, **TIMES, **task})
    return id


async def signed_in(client: httpx.AsyncClient, name: str) -> Hub:
    login = {"email": f"{name}@example.org", "password": OLD_PASSWORD}
    answer = await client.post("/taskhub/api/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return Hub(client, answer.json()["user"], answer.json()["access_token"])


async def test_everything_is_found_under_its_old_id(
    taskhub: OldSystem, settings: Settings, serving: Serving
) -> None:
    task, comment, tag = await fill(taskhub), uuid4(), uuid4()
    await taskhub.add("tags", {"id": tag, "name": "backend", "color": "#ff0000", **_at(MADE)})
    await taskhub.add("tags", {"id": uuid4(), "name": "odd", "color": "red"})
    await taskhub.add("task_tags", {"task_id": task, "tag_id": tag})
    said = {"content": "**bold**", "content_html": "<b>bold</b>", "task_id": task, "user_id": BOB}
    await taskhub.add("comments", {"id": comment, **said, **TIMES})
    await taskhub.add("comments", {"id": uuid4(), **said, "is_deleted": True, **TIMES})
    report = await taskhub.move_into(settings)
    assert report.complete, taskhub.said
    assert counts(report) == {
        "users": (3, 0, 0),
        "tags": (2, 0, 0),
        "tasks": (1, 0, 0),
        "comments": (2, 0, 0),
        "files": (0, 0, 0),
        "notifications": (0, 0, 0),
    }
    async with serving() as app:
        ada = await signed_in(app.client, "ada")
        found = (await ada.ask("GET", f"/tasks/{task}")).json()
        assert (found["title"], found["status"], found["priority"]) == (
            *("Plan", "in_progress", "urgent"),
        )
        assert (found["created_by"], found["assignee"]["username"]) == (str(ADA), "bob")
        assert found["created_at"].startswith("2024-02-29T08:30:00")
        assert found["updated_at"].startswith("2024-03-01T08:30:00")
        assert [(each["id"], each["name"], each["color"]) for each in found["tags"]] == [
            (str(tag), "backend", "#FF0000")
        ]
        [shown] = found["comments"]
        assert (shown["id"], shown["content"]) == (str(comment), "**bold**")
        assert shown["author"]["username"] == "bob"


async def test_everybody_shares_one_workspace(
    taskhub: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskhub)
    await taskhub.move_into(settings)
    async with serving() as app:
        bob = await signed_in(app.client, "bob")
        assert bob.user["id"] == str(BOB)
        assert bob.user["avatar_url"] == "https://example.org/bob.png"
        users = (await bob.ask("GET", "/auth/users")).json()
        assert [user["username"] for user in users] == ["ada", "bob"]


async def test_a_disabled_account_stays_so(
    taskhub: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskhub)
    await taskhub.move_into(settings)
    async with serving() as app:
        login = {"email": "gone@example.org", "password": OLD_PASSWORD}
        answer = await app.client.post("/taskhub/api/auth/login", json=login)
        assert answer.status_code in (401, 403), answer.text
        login = {"login": "gone@example.org", "password": OLD_PASSWORD}
        for path in ("/v1/sessions", "/v1/me/reactivate"):
            answer = await app.client.post(path, json=login)
            assert (answer.status_code, answer.json()["code"]) == (403, "account-disabled")


async def test_who_finds_no_room_in_the_shared_workspace_is_counted(
    taskhub: OldSystem, settings: Settings, log: Log
) -> None:
    await taskhub.execute(
        "INSERT INTO users (id, email, username, full_name, hashed_password)"
        f" SELECT gen_random_uuid(), n || '@example.org', 'user' || n, 'U', '{HASH}'"
        " FROM generate_series(1, 1003) n"
    )
    report = await taskhub.move_into(settings)
    assert (report.complete, counts(report)["users"]) == (True, (1_003, 0, 0))
    assert taskhub.said == ["no room: 4 accounts are not in the shared workspace"]
    members = await log.pool.fetch("SELECT FROM events WHERE topic = 'workspace.member_added'")
    assert len(members) == 999  # beside the one that keeps it


async def test_what_was_deleted_there_is_not_seen_here(
    taskhub: OldSystem, settings: Settings, serving: Serving, log: Log
) -> None:
    task = await fill(taskhub, is_deleted=True)
    await taskhub.move_into(settings)
    topics = [event.topic for event in await log.reader.stream(task)]
    assert topics == ["task.created", "task.assigned", "task.started", "task.deleted"]
    async with serving() as app:
        ada = await signed_in(app.client, "ada")
        assert (await ada.ask("GET", f"/tasks/{task}")).status_code == 404


async def test_overdue_stood_for_what_it_was_before(
    taskhub: OldSystem, settings: Settings, serving: Serving
) -> None:
    overdue = {"status": "overdue", "due_date": CHANGED}
    started = await fill(taskhub, start_date=MADE, **overdue)
    other = uuid4()
    fields = {"title": "Not begun", "priority": "low", "created_by": ADA, **SAME}
    await taskhub.add("tasks", {"id": other, **fields, **overdue})
    await taskhub.move_into(settings)
    async with serving() as app:
        ada = await signed_in(app.client, "ada")
        for task in (started, other):
            assert (await ada.ask("GET", f"/tasks/{task}")).json()["status"] == "overdue"
        future = {"due_date": "2090-01-01T00:00:00Z"}
        states = [(await ada.ask("PUT", f"/tasks/{id}", future)).json() for id in (started, other)]
        assert [state["status"] for state in states] == ["in_progress", "todo"]


async def test_only_unread_reminders_are_news(
    taskhub: OldSystem, settings: Settings, serving: Serving
) -> None:
    """Neither what was read there nor anything else that moved in."""
    task = await fill(taskhub, due_date=CHANGED, notify_overdue=True)
    said = {"content": "Hello", "task_id": task, "user_id": ADA}
    await taskhub.add("comments", {"id": uuid4(), **said, **SAME})
    for kind, read in (("task_overdue", False), ("task_overdue", True), ("other", False)):
        reminder = {"user_id": BOB, "task_id": task, "type": kind, "title": "t", "is_read": read}
        await taskhub.add("notifications", {"id": uuid4(), **reminder, **_at(CHANGED)})
    report = await taskhub.move_into(settings)
    assert report.complete, taskhub.said
    assert taskhub.said == [
        "left out: 2 notifications: they were read, or nothing here says the like"
    ]
    async with serving() as app:
        bob = await signed_in(app.client, "bob")
        told = (await bob.ask("GET", "/notifications/")).json()
        assert told["unread_count"] == 1
        newest = told["notifications"][0]
        assert (newest["type"], newest["is_read"]) == ("task_overdue", False)
        assert newest["created_at"].startswith("2024-03-01T08:30:00")
        assert {each["is_read"] for each in told["notifications"][1:]} <= {True}
        ada = await signed_in(app.client, "ada")
        assert (await ada.ask("GET", "/notifications/")).json()["unread_count"] == 0


async def test_nobody_gets_a_mail_about_what_moved_in(
    taskhub: OldSystem, settings: Settings, log: Log
) -> None:
    """Not even of what happened an hour ago."""
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    task = await fill(taskhub, created_at=hour_ago, due_date=CHANGED, notify_overdue=True)
    reminder = {"user_id": BOB, "task_id": task, "type": "task_overdue", "title": "t"}
    await taskhub.add("notifications", {"id": uuid4(), **reminder, **_at(hour_ago)})
    await taskhub.move_into(settings)
    events = await log.reader.after(0)
    assert owed_for(events) == []
    elsewhere = [replace(event, metadata=Metadata(uuid4(), uuid4())) for event in events]
    assert [account for _, account in owed_for(elsewhere)] == [BOB, BOB]


async def test_the_log_is_sound_and_read_models_follow_from_it(
    taskhub: OldSystem, settings: Settings, serving: Serving, log: Log
) -> None:
    task, tag = await fill(taskhub, due_date=CHANGED), uuid4()
    await taskhub.add("tags", {"id": tag, "name": "backend"})
    await taskhub.add("task_tags", {"task_id": task, "tag_id": tag})
    said = {"content": "Hello", "task_id": task, "user_id": ADA}
    await taskhub.add("comments", {"id": uuid4(), **said, **TIMES})
    await taskhub.move_into(settings)
    async with serving():
        await demand_sound(settings, log)


async def test_files_come_along_from_a_copy_of_the_bucket(
    taskhub: OldSystem, with_files: Settings, tmp_path: Path
) -> None:
    task, file = await fill(taskhub), uuid4()
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "1.png").write_bytes(PNG)
    stored = {"filename": "1.png", "s3_key": "uploads/1.png", "original_filename": "mill.png"}
    row = {"content_type": "image/png", "size": len(PNG), "task_id": task, "uploaded_by": BOB}
    await taskhub.add("files", {"id": file, **stored, **row, **_at(MADE)})
    report = await taskhub.move_into(with_files, files=tmp_path)
    assert report.complete, taskhub.said
    async with running_app(with_files, worker=True) as app:
        ada = await signed_in(app.client, "ada")
        [shown] = (await ada.ask("GET", f"/tasks/{task}/files")).json()
        assert (shown["id"], shown["original_filename"]) == (str(file), "mill.png")
        content = await ada.ask("GET", f"/tasks/{task}/files/{file}")
        assert (content.status_code, content.content) == (200, PNG)


async def test_orphans_are_refused_by_the_column_that_leads_nowhere(
    taskhub: OldSystem, settings: Settings
) -> None:
    task, nowhere = await fill(taskhub), uuid4()
    ids = [uuid4() for _ in range(3)]
    said = {"content": "Hello", **SAME}
    await taskhub.add("comments", {"id": ids[0], **said, "task_id": nowhere, "user_id": ADA})
    await taskhub.add("comments", {"id": ids[1], **said, "task_id": task, "user_id": nowhere})
    fields = {"title": "T", "status": "todo", "priority": "low", "created_by": ADA, **SAME}
    await taskhub.add("tasks", {"id": ids[2], **fields, "assigned_to": nowhere})
    report = await taskhub.move_into(settings)
    assert sorted(taskhub.said) == sorted(
        [
            f"refused: tasks {ids[2]} assigned_to: there is no users {nowhere}",
            f"refused: comments {ids[0]} task_id: there is no tasks {nowhere}",
            f"refused: comments {ids[1]} user_id: there is no users {nowhere}",
        ]
    )
    assert count_of(report, "tasks").refused == 1


def _at(moment: datetime) -> dict[str, datetime]:
    return {"created_at": moment}
