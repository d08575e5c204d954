"""TaskFlow Pro moves in: people sign in as before and find everything under its old number."""

from datetime import datetime
from typing import Any

import httpx

from commands.imports.items import stream_of
from infra.settings import Settings
from tests.imports.conftest import Serving
from tests.support.old_systems import OldSystem, counts, hashed

MADE = datetime.fromisoformat("2024-02-29T08:30:00")
CHANGED = datetime.fromisoformat("2024-03-01T09:00:00.123456")
TIMES = {"created_at": MADE, "updated_at": CHANGED}


async def fill(old: OldSystem) -> None:
    ada = {"email": "Ada@Example.org", "full_name": "Ada Lovelace", "created_at": MADE}
    await old.add("users", {"id": 17, **ada, "password_hash": hashed("old secret")})
    await old.add(
        "tasks",
        {"id": 5, "user_id": 17, "title": "Write note G", "status": "in_progress", **TIMES},
        {"id": 9, "user_id": 17, "title": "Rest", "status": None, "priority": None, **TIMES},
        {
            "id": 999_999_999,
            "user_id": 17,
            "title": "Done",
            "description": "At last",
            "status": "completed",
            "priority": "high",
            "due_date": MADE,
            **TIMES,
        },
    )
    await old.add(
        "notes",
        {"id": 3, "user_id": 17, "title": "Ideas", "content": "Many", "is_favorite": True, **TIMES},
        {"id": 4, "user_id": 17, "title": "Plain", "category": None, "is_favorite": None, **TIMES},
    )
    await old.add(
        "posts",
        {
            "id": 8,
            "user_id": 17,
            "title": "Über alles",
            "content": "Text",
            **TIMES,
            "status": "published",
            "tags": ["b", "a", "b"],
            "view_count": 41,
        },
        {"id": 11, "user_id": 17, "title": "Draft", "content": "…", "tags": None, **TIMES},
    )


async def signed_in(client: httpx.AsyncClient, email: str, password: str) -> dict[str, str]:
    login = {"email": email, "password": password}
    answer = await client.post("/taskflow/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_everything_is_found_under_its_old_number(
    taskflow: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskflow)
    report = await taskflow.move_into(settings)
    assert report.complete, taskflow.said
    assert counts(report) == {
        "users": (1, 0, 0),
        "tasks": (3, 0, 0),
        "notes": (2, 0, 0),
        "posts": (2, 0, 0),
    }
    async with serving() as app:
        ada = await signed_in(app.client, "ada@example.org", "old secret")

        async def get(path: str) -> Any:
            answer = await app.client.get(f"/taskflow{path}", headers=ada)
            assert answer.status_code == 200, answer.text
            return answer.json()

        profile = await get("/user/profile")
        assert (profile["id"], profile["full_name"]) == (17, "Ada Lovelace")
        assert profile["created_at"].startswith("2024-02-29T08:30:00")
        started = await get("/tasks/5")
        assert (started["title"], started["status"]) == ("Write note G", "in_progress")
        assert started["created_at"].startswith("2024-02-29T08:30:00")
        assert started["updated_at"].startswith("2024-03-01T09:00:00.123456")
        rest = await get("/tasks/9")
        assert (rest["status"], rest["priority"]) == ("pending", "medium")
        assert rest["updated_at"].startswith("2024-03-01T09:00:00.123456")
        done = await get("/tasks/999999999")
        assert (done["status"], done["priority"]) == ("completed", "high")
        assert (done["description"], done["due_date"][:10]) == ("At last", "2024-02-29")
        assert {task["id"] for task in await get("/tasks")} == {5, 9, 999_999_999}


async def test_what_is_changed_after_the_move_keeps_its_number(
    taskflow: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskflow)
    await taskflow.move_into(settings)
    async with serving() as app:
        ada = await signed_in(app.client, "Ada@Example.org", "old secret")
        url = "/taskflow/tasks/5"
        changed = await app.client.put(url, json={"status": "completed"}, headers=ada)
        assert (changed.status_code, changed.json()["id"]) == (200, 5)
        new = await app.client.post("/taskflow/tasks", json={"title": "New"}, headers=ada)
        assert new.json()["id"] > 1_000_000_000
        assert (await app.client.delete(url, headers=ada)).status_code == 204
        assert (await app.client.get(url, headers=ada)).status_code == 404


async def test_history_tells_what_the_rows_knew(
    taskflow: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskflow)
    await taskflow.move_into(settings)
    async with serving() as app:
        login = {"login": "ada@example.org", "password": "old secret"}
        tokens = (await app.client.post("/v1/sessions", json=login)).json()
        ada = {"Authorization": f"Bearer {tokens['access_token']}"}
        for noun, number, kinds in (
            ("task", 5, ["task.created", "task.started"]),
            ("task", 9, ["task.created", "task.edited"]),
            ("note", 3, ["note.created", "note.favourited"]),
            ("note", 4, ["note.created", "note.edited"]),
            ("post", 11, ["post.created", "post.edited"]),
        ):
            stream = stream_of("taskflow", noun, number)
            url = f"/v1/{noun}s/{stream}/history?min_position=head"
            answer = await app.client.get(url, headers=ada)
            assert answer.status_code == 200, answer.text
            entries = answer.json()["items"]
            assert [entry["type"] for entry in entries] == kinds
            times = [entry["time"] for entry in entries]
            assert [time[:16] for time in times] == ["2024-02-29T08:30", "2024-03-01T09:00"]
            assert {entry["actor"]["full_name"] for entry in entries} == {"Ada Lovelace"}
            assert entries[1]["summary"] == kinds[1].partition(".")[2]


async def test_notes_and_posts_are_found_with_their_tags_and_views(
    taskflow: OldSystem, settings: Settings, serving: Serving
) -> None:
    await fill(taskflow)
    await taskflow.move_into(settings)
    async with serving() as app:
        ada = await signed_in(app.client, "ada@example.org", "old secret")

        async def get(path: str) -> Any:
            answer = await app.client.get(f"/taskflow{path}", headers=ada)
            assert answer.status_code == 200, answer.text
            return answer.json()

        ideas, plain = await get("/notes/3"), await get("/notes/4")
        assert (ideas["content"], ideas["is_favorite"]) == ("Many", True)
        assert (plain["category"], plain["is_favorite"]) == ("general", False)
        assert plain["updated_at"].startswith("2024-03-01T09:00:00.123456")
        listed = {post["id"]: post for post in await get("/posts")}
        assert (listed[8]["status"], listed[8]["tags"]) == ("published", ["b", "a", "b"])
        assert (listed[8]["view_count"], listed[11]["view_count"]) == (41, 0)
        assert (listed[11]["status"], listed[11]["tags"]) == ("draft", [])
        assert (await get("/posts/8"))["view_count"] == 42
