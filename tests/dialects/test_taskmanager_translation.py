"""What Task Manager's words mean here, and ours there."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from commands.tasks import ArrangeTags, CreateTask, EditTask, MarkTask
from gateway.dialects.taskmanager.listing import filter_of
from gateway.dialects.taskmanager.shown import shown_day
from gateway.dialects.taskmanager.stats import shown_stats
from gateway.dialects.taskmanager.tasks import changes, creation
from gateway.dialects.taskmanager.wire import NewTask, TaskChanges, TaskQuery
from queries.statistics import Statistics, TagUse
from queries.tasks import TaskFilter

TASK, HOME, TAG = uuid4(), uuid4(), uuid4()
DAY = date(2030, 2, 28)


def test_a_new_task_is_completed_or_not_begun() -> None:
    for completed, status in ((True, "completed"), (False, "todo")):
        task, tags = creation(HOME, NewTask(title="x", completed=completed), [TAG, TAG])
        assert isinstance(task, CreateTask)
        assert (task.status, task.workspace, task.notify_overdue) == (status, HOME, False)
        assert tags == ArrangeTags(stream=task.stream, tags=(TAG, TAG))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"title": ""}, [EditTask(stream=TASK, title="")]),
        ({"due_date": None}, [EditTask(stream=TASK, due=None)]),
        ({"due_date": "2030-02-28"}, [EditTask(stream=TASK, due=DAY)]),
        (
            {"completed": False},
            [EditTask(stream=TASK), MarkTask(stream=TASK, completed=False)],
        ),
        ({"tags": ["a"]}, [EditTask(stream=TASK), ArrangeTags(stream=TASK, tags=(TAG,))]),
    ],
)
def test_a_change_is_of_what_was_sent(sent: dict[str, Any], expected: list[object]) -> None:
    assert changes(TASK, TaskChanges.model_validate(sent), [TAG]) == expected


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, TaskFilter()),
        ({"completed": False}, TaskFilter(statuses=("todo", "in_progress"))),
        ({"priority": "high"}, TaskFilter(priorities=("high", "urgent"))),
        ({"priority": "low"}, TaskFilter(priorities=("low",))),
        ({"tag": "", "search": ""}, TaskFilter()),
        ({"overdue": False}, TaskFilter(overdue=False)),
        ({"created_after": DAY}, TaskFilter(created_from=datetime(2030, 2, 28, tzinfo=UTC))),
        (
            {"created_before": DAY},
            TaskFilter(created_to=datetime(2030, 2, 28, 0, 0, 0, 1, tzinfo=UTC)),
        ),
    ],
)
def test_a_question_is_a_filter(asked: dict[str, Any], wanted: TaskFilter) -> None:
    assert filter_of(TaskQuery.model_validate(asked)) == wanted


def test_an_instant_is_its_day_in_utc() -> None:
    evening = datetime(2030, 2, 27, 20, tzinfo=timezone(timedelta(hours=-5)))
    assert shown_day(None, evening) == "2030-02-28"
    assert shown_day(DAY, None) == "2030-02-28"
    assert shown_day(None, None) is None


def test_what_is_urgent_counts_as_high() -> None:
    found = Statistics(
        workspace=HOME,
        total=3,
        completed=1,
        incomplete=2,
        overdue=0,
        completion_rate=33.3,
        by_priority={"low": 0, "medium": 0, "high": 1, "urgent": 2},
        by_tag=[TagUse(TAG, "a", "#000000", 2)],
    )
    assert shown_stats(found) == {
        "total": 3,
        "completed": 1,
        "incomplete": 2,
        "by_priority": {"high": 3},
        "by_tag": {"a": 2},
        "overdue": 0,
    }
