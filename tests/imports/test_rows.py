"""What stands in an older row, and which column is named when it cannot be read."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

from commands.imports.people import stored_hash
from commands.imports.rows import Row, RowRefused, Source
from commands.imports.tables import Known
from commands.imports.tasks import changed_after
from commands.imports.todo import task
from events.ids import personal_workspace_of
from events.tasks import TaskCompleted, TaskCreated, TaskFellOverdue, TaskTagged

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
NAIVE = datetime.fromisoformat("2024-02-29T12:00:00")
_ID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
LATER = NOON + timedelta(hours=1)


def row(**values: Any) -> Row:
    return Row(Source("tasks", {"when": "created_at"}), {"id": 7, **values})


@pytest.mark.parametrize(
    ("value", "read", "found"),
    [
        (NAIVE, Row.instant, NOON),
        (NOON.astimezone(timezone(timedelta(hours=5))), Row.instant, NOON),
        (date(2024, 2, 29), Row.instant, NOON.replace(hour=0)),
        (date(2024, 2, 29), Row.moment, date(2024, 2, 29)),
        (NAIVE, Row.day, date(2024, 2, 29)),
        (None, Row.day, None),
        ("12", Row.number, 12),
        ("T", Row.flag, True),
        (0, Row.flag, False),
        (None, Row.flag, False),
        ('["a", "b"]', Row.texts, ("a", "b")),
        (["a"], Row.texts, ("a",)),
        (None, Row.texts, ()),
        (_ID.upper(), Row.uuid, UUID(_ID)),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_was_meant(
    value: object, read: Callable[[Row, str], object], found: object
) -> None:
    assert read(row(when=value), "when") == found


@pytest.mark.parametrize(
    ("value", "read", "reason"),
    [
        (None, Row.text, "is missing"),
        (None, Row.number, "is missing"),
        ("twelve", Row.number, "is no whole number"),
        ("6F9619FF", Row.uuid, "is no UUID"),
        ("perhaps", Row.flag, "is neither true nor false"),
        ("soon", Row.moment, "is neither a date nor a moment"),
        (datetime.min, Row.moment, "is a moment out of range"),  # noqa: DTZ901 - as in a database
        (datetime.max.replace(tzinfo=UTC), Row.instant, "is a moment out of range"),
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
            Row.instant,
            "is a moment out of range",
        ),
        ("{a,b}", Row.texts, "is no JSON"),
        ('{"a": 1}', Row.texts, "is no list"),
        ("[1]", Row.texts, "is no list of texts"),
        (None, Row.happened, "is missing"),
        (ValueError("is no UTF-8 from byte 4 on"), Row.text, "is no UTF-8 from byte 4 on"),
    ],
)
def test_what_cannot_be_read_is_named_by_table_key_and_column(
    value: object, read: Callable[[Row, str], object], reason: str
) -> None:
    with pytest.raises(RowRefused) as refused:
        read(row(when=value), "when")
    assert str(refused.value) == f"tasks 7 created_at: {reason}"


def test_a_moment_that_is_missing_is_taken_from_the_next_column() -> None:
    assert row(when=None, changed=NAIVE).happened("when", "changed") == NOON


def test_defaults_of_one_insert_are_no_change() -> None:
    assert changed_after(NOON, NOON + timedelta(microseconds=300)) is None
    assert changed_after(NOON, None) is None
    assert changed_after(NOON, LATER) == LATER


@pytest.mark.parametrize("kind", ["2a", "2b", "2y"])
def test_hashes_are_kept_under_our_name_for_their_scheme(kind: str) -> None:
    kept = f"${kind}$12$" + "a" * 53
    assert stored_hash(row(when=kept), "when") == b"bcrypt$" + kept.encode()
    passlib = "$pbkdf2-sha256$29000$" + "." * 22 + "$" + "a" * 43
    assert stored_hash(row(when=passlib), "when") == b"pbkdf2_sha256$" + passlib.encode()


@pytest.mark.parametrize(
    "kept", ["", "secret", "$2b$12$short", "$argon2id$v=19$m=65536", "$2b$17$" + "a" * 53]
)
def test_other_hashes_are_refused(kept: str) -> None:
    with pytest.raises(RowRefused):
        stored_hash(row(when=kept), "when")


def test_a_task_happened_when_its_row_says() -> None:
    ada, tag, id = uuid4(), uuid4(), uuid4()
    home = personal_workspace_of(ada)
    known = Known(system="todo", now=LATER, people={"ada": ada}, tags={(home, "work"): tag})
    source = Source("tasks", {})
    values = {
        "id": id,
        "user_id": "ada",
        "title": "T",
        "priority": "Low",
        "completed": True,
        "due_date": date(2024, 2, 1),
        "created_at": NAIVE,
        "updated_at": LATER,
        "tags": ["work"],
    }
    item = task(Row(source, values), known)
    created = TaskCreated(title="T", priority="low", due_on=date(2024, 2, 1))
    assert [(each.fact, each.at) for each in item.happened] == [
        (created, NOON),
        (TaskTagged(tag=tag), NOON),
        (TaskCompleted(), LATER),
    ]
    assert {(each.stream, each.owner, each.actor) for each in item.happened} == {(id, home, ada)}
    open_one = task(Row(source, {**values, "completed": False}), known)
    assert isinstance(open_one.happened[-1].fact, TaskFellOverdue)
    assert open_one.happened[-1].at == datetime(2024, 2, 2, tzinfo=UTC)
