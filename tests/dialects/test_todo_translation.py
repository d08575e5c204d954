"""What the Todo frontend's words mean here, and ours there, without any server."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from commands.tasks import EditTask, MarkTask, RetagTask
from events.ids import new_id
from events.refusals import Unauthenticated
from gateway.dialects.todo.shown import due_day, shown_task
from gateway.dialects.todo.tasks import changes, creation, names_of
from gateway.dialects.todo.wire import NewTask, TaskChanges
from gateway.dialects.todo.words import of_token
from queries.tasks import TaskRow

TASK, SPACE, TAG = new_id(), new_id(), new_id()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def row(**changes: Any) -> TaskRow:
    fields: dict[str, Any] = {
        "id": TASK,
        "number": 1,
        "workspace": SPACE,
        "title": "Plan",
        "description": None,
        "status": "todo",
        "priority": "medium",
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
        "overdue": False,
        "notify_overdue": False,
        "sort_key": "",
        **dict.fromkeys(("start_on", "start_at", "due_on", "due_at", "assignee", "created_by")),
        **dict.fromkeys(("started_at", "completed_at", "deleted_at", "tags")),
    }
    return TaskRow(**{**fields, **changes})


def test_a_task_is_shown_in_its_words() -> None:
    assert shown_task(row(), "kW3x9") == {
        "id": str(TASK),
        "user_id": "kW3x9",
        "title": "Plan",
        "description": None,
        "completed": False,
        "priority": "Medium",
        "due_date": None,
        "created_at": "2026-11-20T12:00:00Z",
        "updated_at": "2026-11-20T12:00:00Z",
        "tags": [],
    }


@pytest.mark.parametrize(
    ("fields", "name", "shown"),
    [
        ({"status": "in_progress"}, "completed", False),
        ({"status": "completed"}, "completed", True),
        ({"priority": "urgent"}, "priority", "High"),
        ({"priority": "low"}, "priority", "Low"),
        ({"due_on": date(2026, 11, 21)}, "due_date", "2026-11-21"),
        ({"tags": [f"{TAG}#3B82F6b", f"{TAG}#3B82F6B"]}, "tags", ["B", "b"]),
    ],
)
def test_what_has_more_shades_here_has_one_of_its_own(
    fields: dict[str, Any], name: str, shown: Any
) -> None:
    assert shown_task(row(**fields), "kW3x9")[name] == shown


def test_a_moment_shows_as_its_day_in_utc() -> None:
    late = datetime.fromisoformat("2026-11-20T23:30:00-05:00")
    assert due_day(row(due_at=late)) == date(2026, 11, 21)


def test_a_new_task_has_a_day_and_no_reminder() -> None:
    wanted = NewTask(title="Plan", priority="High", due_date=date(2026, 11, 21))
    made = creation(wanted, SPACE, [TAG])
    assert (made.workspace, made.priority, made.due) == (SPACE, "high", date(2026, 11, 21))
    assert (made.tags, made.status, made.notify_overdue) == ((TAG,), "todo", False)


def changed(**sent: Any) -> list[Any]:
    return changes(TASK, TaskChanges(**sent), [TAG])


def test_what_is_not_sent_is_not_changed() -> None:
    assert changed() == [EditTask(stream=TASK)]
    assert changed(title="New") == [EditTask(stream=TASK, title="New")]
    assert changed(priority="Low") == [EditTask(stream=TASK, priority="low")]
    assert changed(description=None) == [EditTask(stream=TASK, description=None)]
    assert changed(due_date=None) == [EditTask(stream=TASK, due=None)]
    assert changed(tags=None) == [EditTask(stream=TASK)]
    assert changed(tags=["a"]) == [RetagTask(stream=TASK, tags=(TAG,)), EditTask(stream=TASK)]
    assert changed(completed=False) == [
        MarkTask(stream=TASK, completed=False),
        EditTask(stream=TASK),
    ]


def test_a_tag_with_nothing_in_it_is_none() -> None:
    assert names_of(["a", "", " ", " a "]) == ["a", " a "]
    assert names_of(None) == []


def test_a_refused_token_has_its_words() -> None:
    for code, text in (
        ("token-expired", "Could not validate credentials: Signature has expired."),
        ("subject-missing", "Invalid token: missing 'sub' claim (user_id)"),
        ("token-invalid", "Could not validate credentials: why"),
        ("session-ended", "Could not validate credentials: why"),
    ):
        assert of_token(Unauthenticated("why", code=code)) == text
