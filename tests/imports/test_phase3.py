"""Phase 3 Todo moves in: UUIDs as they were, passwords that passlib hashed."""

from datetime import datetime
from uuid import uuid4

from infra.settings import Settings
from tests.imports.conftest import Serving
from tests.support.old_systems import OldSystem, counts
from tests.support.phase3 import Planner

MADE = datetime.fromisoformat("2024-02-29T08:30:00+00:00")
CHANGED = datetime.fromisoformat("2024-03-01T10:00:00+01:00")
TIMES = {"created_at": MADE, "updated_at": CHANGED}
PASSWORD = "toomanysecrets"  # the example of passlib's manual
HASH = "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk"


async def test_everything_is_found_under_its_old_id(
    phase3: OldSystem, settings: Settings, serving: Serving
) -> None:
    user, first, second = (str(uuid4()) for _ in range(3))
    person = {"email": "ada@example.org", "name": "Ada", "hashed_password": HASH}
    await phase3.add("users", {"id": user, **person, **TIMES})
    rest = {"user_id": user, "priority": "high", **TIMES}
    await phase3.add(
        "tasks",
        {"id": first, "title": "Open", "completed": False, "description": "d", **rest},
        {"id": second, "title": "Done", "completed": True, **rest, "created_at": CHANGED},
    )
    report = await phase3.move_into(settings)
    assert report.complete, phase3.said
    assert counts(report) == {"users": (1, 0, 0), "tasks": (2, 0, 0)}
    async with serving() as app:
        login = {"email": "ada@example.org", "password": PASSWORD}
        answer = await app.client.post("/phase3/api/v1/login", json=login)
        assert answer.status_code == 200, answer.text
        ada = Planner(app.client, answer.json())
        assert (ada.id, ada.user["name"]) == (user, "Ada")
        tasks = (await ada.ask("GET")).json()
        assert [(task["id"], task["title"], task["completed"]) for task in tasks] == [
            (first, "Open", False),
            (second, "Done", True),
        ]
        assert {task["priority"] for task in tasks} == {"high"}
        assert tasks[0]["created_at"].startswith("2024-02-29T08:30:00")
        assert tasks[0]["updated_at"].startswith("2024-03-01T09:00:00")
        assert (await ada.ask("PATCH", f"{first}/toggle")).json()["completed"] is True


async def test_its_first_version_had_other_names_and_no_priorities(
    phase3: OldSystem, settings: Settings
) -> None:
    await phase3.execute(
        'ALTER TABLE users RENAME TO "user"; ALTER TABLE tasks RENAME TO task;'
        ' ALTER TABLE "user" RENAME hashed_password TO password_hash;'
        " ALTER TABLE task DROP COLUMN priority"
    )
    user = str(uuid4())
    person = {"email": "ada@example.org", "name": "Ada", "password_hash": HASH}
    await phase3.add('"user"', {"id": user, **person, **TIMES})
    task = {"id": str(uuid4()), "user_id": user, "title": "T", "completed": False, **TIMES}
    await phase3.add("task", task)
    report = await phase3.move_into(settings)
    assert report.complete, phase3.said
    assert counts(report) == {"user": (1, 0, 0), "task": (1, 0, 0)}


async def test_an_id_that_is_no_uuid_is_refused(phase3: OldSystem, settings: Settings) -> None:
    person = {"email": "ada@example.org", "name": "Ada", "hashed_password": HASH}
    await phase3.add("users", {"id": "ada", **person, **TIMES})
    task = {"id": "one", "user_id": "ada", "title": "T", "completed": False, **TIMES}
    await phase3.add("tasks", {**task, "priority": "low"})
    await phase3.move_into(settings)
    assert phase3.said == [
        "refused: users ada id: is no UUID",
        "refused: tasks one id: is no UUID",
    ]
