"""What cannot be read is refused, by table, key and column, and keeps nothing else back."""

import pytest

from infra.settings import Settings
from tests.support.old_systems import (
    HASH,
    OldSystem,
    add_people,
    add_tasks,
    counts,
    old_system,
)


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("tasks", {"user_id": None}, "tasks 1 user_id: is missing"),
        ("tasks", {"user_id": 7}, "tasks 1 user_id: there is no users 7"),
        ("tasks", {"status": "asleep"}, "tasks 1 status: 'asleep' is none of pending, "),
        ("tasks", {"id": 1_000_000_000}, "tasks 1000000000 id: must be from 1 to 999999999"),
        ("tasks", {"id": -1}, "tasks -1 id: must be from 1 to 999999999"),
        ("tasks", {"created_at": None, "updated_at": None}, "tasks 1 created_at: is missing"),
        ("tasks", {"description": "x" * 300_000}, "tasks 1 description: description is too long"),
        ("notes", {"user_id": 7}, "notes 1 user_id: there is no users 7"),
        ("posts", {"content": "c", "tags": ["x" * 501]}, "posts 1 tags: has one of more than 500"),
        ("posts", {"content": "c", "status": "?"}, "posts 1 status: '?' is none of draft, "),
    ],
)
async def test_a_refused_row_is_named_by_table_key_and_column(
    taskflow: OldSystem, settings: Settings, table: str, row: dict[str, object], said: str
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.add(table, {"user_id": 1, "title": "T", **row})
    await taskflow.add(table, {"id": 100, "user_id": 1, "title": "Good", **_content(table)})
    for dry_run in (True, False):
        report = await taskflow.move_into(settings, dry_run=dry_run)
        assert counts(report)[table] == (1, 0, 1)
        assert len(taskflow.said) == 1
        assert taskflow.said[0].startswith(f"refused: {said}"), taskflow.said


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("email", " ", "email: is empty"),
        ("password_hash", "secret", "password_hash: is neither a bcrypt nor a passlib"),
        ("password_hash", HASH.replace("$04$", "$31$"), "password_hash: is a bcrypt hash of cost"),
    ],
)
async def test_a_person_who_cannot_be_read_is_refused(
    taskflow: OldSystem, settings: Settings, column: str, value: str, said: str
) -> None:
    person = {"email": "ada@example.org", "full_name": "Ada", "password_hash": HASH, column: value}
    await taskflow.add("users", person)
    report = await taskflow.move_into(settings)
    assert counts(report)["users"] == (0, 0, 1)
    assert taskflow.said[0].startswith(f"refused: users 1 {said}")


async def test_text_in_no_encoding_is_refused_and_the_rest_of_its_page_is_read(
    postgres_url: str, settings: Settings
) -> None:
    """As a database has it that was made with the encoding SQL_ASCII."""
    async with old_system(postgres_url, "taskflow", encoding="SQL_ASCII") as old:
        await add_people(old, "ada@example.org")
        await add_tasks(old, 2)
        await old.execute(
            "INSERT INTO tasks (user_id, title, created_at) VALUES"
            r" (1, convert_from('\x436166e9', 'SQL_ASCII'), now()),"
            r" (1, convert_from('\x436166c3a9', 'SQL_ASCII'), now());"
            "INSERT INTO posts (user_id, title, content, tags)"
            r" VALUES (1, 'T', 'c', ARRAY[convert_from('\xff', 'SQL_ASCII')])"
        )
        report = await old.move_into(settings)
        assert (counts(report)["tasks"], counts(report)["posts"]) == ((3, 0, 1), (0, 0, 1))
        assert old.said == [
            "refused: tasks 3 title: is no UTF-8 from byte 4 on",
            "refused: posts 1 tags: is no UTF-8 from byte 3 on",
        ]


async def test_moments_that_no_calendar_of_ours_has_are_refused(
    taskflow: OldSystem, settings: Settings
) -> None:
    await add_people(taskflow, "ada@example.org")
    for moment in ("infinity", "0044-03-15 BC", "20000-01-01"):
        await taskflow.execute(
            f"INSERT INTO tasks (user_id, title, due_date) VALUES (1, 'T', '{moment}')"
        )
    report = await taskflow.move_into(settings)
    assert counts(report)["tasks"] == (0, 0, 3)
    reason = "is a moment beyond the years 1 to 9999"
    assert taskflow.said == [f"refused: tasks {n} due_date: {reason}" for n in (1, 2, 3)]


def _content(table: str) -> dict[str, str]:
    return {"content": "c"} if table == "posts" else {}
