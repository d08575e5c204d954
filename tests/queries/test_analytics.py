"""What the numbers say, from frames made by hand."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from queries import analytics
from queries.analytics import AgeGroup, Completed, Spread, TrendDay
from queries.facts import (
    BUCKET_COLUMNS,
    CUBE_COLUMNS,
    MEMBER_COLUMNS,
    TAG_COLUMNS,
    TIME_COLUMNS,
    frame_of,
)
from queries.windows import last_days, read_window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA, EVE, GONE = (str(uuid4()) for _ in range(3))
RED, BLUE = (str(uuid4()) for _ in range(2))
HOUR = 3600.0


def frame(columns: dict[str, str], *rows: tuple[Any, ...]) -> pl.DataFrame:
    return frame_of([list(row) for row in rows], columns)


CUBE = frame(
    CUBE_COLUMNS,
    ("todo", "low", ADA, 2),
    ("todo", "high", None, 1),
    ("in_progress", "high", ADA, 1),
    ("completed", "medium", ADA, 3),
    ("completed", "medium", GONE, 1),
    ("overdue", "urgent", EVE, 2),
)
MEMBERS = frame(MEMBER_COLUMNS, (EVE, "eve", "Eve"), (ADA, None, "Ada"))
TAGS = frame(TAG_COLUMNS, (RED, "red", "#FF0000", True, 2), (RED, "red", "#FF0000", False, 1))
TIMES = frame(
    TIME_COLUMNS,
    (ADA, 1, [1 * HOUR, 3 * HOUR], [HOUR]),
    (ADA, 3, [2 * HOUR], None),
    (None, 3, [10 * HOUR], [4 * HOUR]),
)


def test_the_overview_counts_each_task_once() -> None:
    found = analytics.overview(CUBE, TAGS, MEMBERS)
    assert found.by_status == {"todo": 3, "in_progress": 1, "completed": 4, "overdue": 2}
    assert found.by_priority == {"low": 2, "medium": 4, "high": 2, "urgent": 2}
    assert (found.total_tasks, found.completion_rate) == (10, 40.0)
    assert [(tag.name, tag.tasks, tag.completed) for tag in found.by_tag] == [("red", 3, 2)]
    assert [
        (who.full_name, who.tasks, who.completed, who.overdue) for who in found.by_assignee
    ] == [
        ("Ada", 6, 3, 0),
        ("Eve", 2, 0, 2),
        (None, 1, 1, 0),
        (None, 1, 0, 0),
    ]


def test_nothing_has_an_overview_too() -> None:
    found = analytics.overview(frame(CUBE_COLUMNS), frame(TAG_COLUMNS), frame(MEMBER_COLUMNS))
    assert (found.total_tasks, found.completion_rate, found.by_tag, found.by_assignee) == (
        0,
        0.0,
        [],
        [],
    )
    assert set(found.by_status.values()) == {0}


def test_every_member_is_shown_with_what_they_did() -> None:
    ada, eve = analytics.performance(MEMBERS, CUBE, TIMES)
    assert (ada.full_name, ada.assigned, ada.completed, ada.completion_rate) == ("Ada", 6, 3, 50.0)
    assert ada.cycle_time == Spread(3, 2.0, 2.7, 2.9)
    assert ada.work_time == Spread(1, 1.0, 1.0, 1.0)
    assert (eve.assigned, eve.overdue, eve.completion_rate) == (2, 2, 0.0)
    assert eve.cycle_time == Spread(0, None, None, None)


def test_rates_have_one_decimal() -> None:
    assert analytics.rate(1, 3) == 33.3
    assert analytics.rate(0, 0) == 0.0


def test_trends_have_a_row_for_each_day_and_end_today() -> None:
    window = last_days(7, NOW, "UTC")
    made, done = frame(BUCKET_COLUMNS, (7, 3), (1, 1)), frame(BUCKET_COLUMNS, (6, 2))
    found = analytics.trends(window, made, done)
    assert len(found) == 7
    assert found[0] == TrendDay(date(2026, 11, 14), 1, 0)
    assert found[-2:] == [TrendDay(date(2026, 11, 19), 0, 2), TrendDay(date(2026, 11, 20), 3, 0)]
    assert all(day.created == day.completed == 0 for day in found[1:-2])


def test_cycle_times_by_week() -> None:
    window = read_window("2026-11-02", "2026-11-22", "UTC", NOW, days=30)
    found = analytics.cycle_times(window, TIMES)
    assert found.cycle_time == Spread(4, 2.5, 6.85, 8.95)
    assert found.work_time.tasks == 2
    assert [week.cycle_time.tasks for week in found.by_week] == [2, 0, 2]
    assert found.by_week[1].cycle_time.median is None


def test_throughput_is_zero_where_nothing_was_done() -> None:
    window = read_window("2026-11-02", "2026-11-22", "UTC", NOW, days=30)
    found = analytics.throughput(window, "week", frame(BUCKET_COLUMNS, (2, 5)))
    assert found == [
        Completed(date(2026, 11, 2), 0),
        Completed(date(2026, 11, 9), 5),
        Completed(date(2026, 11, 16), 0),
    ]


def test_open_work_is_grouped_by_age() -> None:
    days = [0.5, 1, 6, 8, 400]
    found = analytics.open_work(pl.Series([day * 24 * HOUR for day in days]))
    assert found.tasks == 5
    assert found.oldest == 400 * 24
    assert found.by_age == [
        AgeGroup(0, 1, 1),
        AgeGroup(1, 7, 2),
        AgeGroup(7, 30, 1),
        AgeGroup(30, 90, 0),
        AgeGroup(90, None, 1),
    ]
    nothing = analytics.open_work(pl.Series([], dtype=pl.Float64))
    assert (nothing.tasks, nothing.oldest) == (0, None)


@pytest.mark.parametrize(("percent", "expected"), [(0.5, 2.0)])
def test_a_median_lies_between(percent: float, expected: float) -> None:
    assert analytics.spread(pl.Series([HOUR, 3 * HOUR])).median == expected
