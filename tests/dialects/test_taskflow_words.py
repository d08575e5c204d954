"""How TaskFlow's words and ours are translated: pure, without a server."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from msgspec import UNSET

from commands.base import Stream
from commands.state_of_tasks import Task
from commands.tasks import CompleteTask, EditTask, ReopenTask, StartTask
from events.base import Priority
from gateway.dialects.taskflow.shown import (
    priorities_shown_as,
    shown_due,
    statuses_shown_as,
)
from gateway.dialects.taskflow.tasks import changes, wanted_of
from gateway.dialects.taskflow.wire import TaskChanges, TaskQuery
from queries.tasks import TaskFilter

TASK = UUID("0190a000-0000-7000-8000-0000000000cc")


def changed(fields: Any, was: Priority = "medium") -> list[Any]:
    task = Stream(id=TASK, state=Task(exists=True, priority=was))
    return changes(task, TaskChanges(**fields))


def test_urgent_counts_as_high() -> None:
    assert priorities_shown_as("high") == ("high", "urgent")
    assert priorities_shown_as("low") == ("low",)
    assert priorities_shown_as(None) == ()


def test_pending_is_what_nobody_began() -> None:
    assert statuses_shown_as("pending") == ("todo",)
    assert statuses_shown_as("in_progress") == ("in_progress",)
    assert statuses_shown_as(None) == ()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, TaskFilter()),
        ({"status": "", "priority": ""}, TaskFilter()),
        ({"status": "pending"}, TaskFilter(statuses=("todo",))),
        ({"status_filter": "completed"}, TaskFilter(statuses=("completed",))),
        ({"priority_filter": "high"}, TaskFilter(priorities=("high", "urgent"))),
        (
            {"status": "pending", "status_filter": "completed", "search": "a"},
            TaskFilter(statuses=("todo",), text="a"),
        ),
    ],
)
def test_the_manuals_name_of_a_filter_comes_first(
    query: dict[str, str], wanted: TaskFilter
) -> None:
    assert wanted_of(TaskQuery(**query)) == wanted


def test_a_day_is_due_at_its_last_moment_and_an_instant_in_utc() -> None:
    assert shown_due(None, None) is None
    assert shown_due(date(2026, 2, 28), None) == "2026-02-28T23:59:59.999999Z"
    at = datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert shown_due(None, at) == "2026-02-28T23:00:00Z"
    assert shown_due(None, at.astimezone(UTC)) == "2026-02-28T23:00:00Z"


def test_what_is_not_sent_or_null_stays() -> None:
    for fields in ({}, {"title": None, "description": None, "status": None, "priority": None}):
        assert changed(fields) == [EditTask(stream=TASK)]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("pending", ReopenTask), ("in_progress", StartTask), ("completed", CompleteTask)],
)
def test_a_status_is_a_command(word: str, kind: type[Any]) -> None:
    assert changed({"status": word}) == [EditTask(stream=TASK), kind(stream=TASK)]


def test_a_priority_is_changed_unless_it_is_shown_so_already() -> None:
    assert changed({"priority": "high"}, "urgent")[0].priority is UNSET
    assert changed({"priority": "low"}, "urgent")[0].priority == "low"
    assert changed({"priority": "high"})[0].priority == "high"
