"""Does a chart show everything that its numbers say?"""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from xml.etree import ElementTree as ET

from queries.analytics import (
    AssigneeCount,
    Completed,
    CycleTimes,
    CycleWeek,
    OpenWork,
    Overview,
    Performance,
    Spread,
    TagCount,
    TrendDay,
)
from queries.charts import (
    MOST,
    cycle_times_chart,
    overview_chart,
    performance_chart,
    throughput_chart,
    trends_chart,
)
from queries.windows import LONGEST, last_days

_BARS = re.compile(r'aria-label="Tasks: (\d+); name: ([^"]*)"')


def overview(*, people: list[tuple[str | None, int]], tags: list[tuple[str, int]]) -> Overview:
    return Overview(
        total_tasks=0,
        todo=0,
        in_progress=0,
        completed=0,
        overdue=0,
        completion_rate=0.0,
        by_status={},
        by_priority={},
        by_tag=[TagCount(uuid4(), name, "#FF0000", tasks, 0) for name, tasks in tags],
        by_assignee=[
            AssigneeCount(uuid4() if name else None, name, tasks, 0, 0) for name, tasks in people
        ],
    )


def bars_of(found: Overview) -> Counter[str]:
    return Counter({name: int(tasks) for tasks, name in _BARS.findall(overview_chart(found))})


def performance(full_name: str, assigned: int) -> Performance:
    nothing = Spread(0, None, None, None)
    return Performance(
        account=uuid4(),
        username=None,
        full_name=full_name,
        assigned=assigned,
        todo=assigned,
        in_progress=0,
        completed=0,
        overdue=0,
        completion_rate=0.0,
        cycle_time=nothing,
        work_time=nothing,
    )


def weeks(*medians: float | None) -> CycleTimes:
    """From a Monday on."""
    spreads = [Spread(int(m is not None), m, m, m) for m in medians]
    mondays = [date(2026, 8, 31) + timedelta(weeks=n) for n in range(len(medians))]
    nothing = Spread(0, None, None, None)
    by_week = [CycleWeek(*each, nothing) for each in zip(mondays, spreads, strict=True)]
    return CycleTimes(nothing, nothing, by_week)


def days_named_in(drawn: str) -> list[str]:
    return re.findall(r">(\d{4}-\d\d-\d\d)</text>", drawn)


def test_people_who_share_a_name_have_a_bar_each() -> None:
    found = overview(people=[("Ada", 10), ("Ada", 8), ("Eve", 5), (None, 3)], tags=[])
    ends = [each.account.hex[-6:] for each in found.by_assignee if each.account]
    bars = {f"Ada ({ends[0]})": 10, f"Ada ({ends[1]})": 8, "Eve": 5, "(nobody)": 3}
    assert bars_of(found) == bars


def test_members_who_share_a_name_have_a_bar_each() -> None:
    members = [performance("Ada", 10), performance("Ada", 8), performance("Eve", 5)]
    drawn = performance_chart(members)
    for each in members[:2]:
        assert f">Ada ({each.account.hex[-6:]})</text>" in drawn
    assert ">Eve</text>" in drawn


def test_tags_of_several_workspaces_that_share_a_name_are_one_bar() -> None:
    tags = [("urgent", 4), ("urgent", 1), ("later", 2)]
    assert bars_of(overview(people=[], tags=tags)) == {"urgent": 5, "later": 2}


def test_where_only_the_most_are_drawn_the_title_says_so() -> None:
    drawn = overview_chart(overview(people=[("Ada", 1)], tags=[(f"T{n}", n) for n in range(40)]))
    assert f">Tag (the first {MOST} of 40)</text>" in drawn
    assert ">Assignee</text>" in drawn


def test_what_was_never_done_is_a_chart_of_a_size_that_can_be_shown() -> None:
    drawn = cycle_times_chart(weeks(None, None))
    assert 0 < float(ET.fromstring(drawn).attrib["width"]) < 2_000


def test_weeks_are_named_by_their_mondays_the_empty_ones_too() -> None:
    mondays = ["2026-08-31", "2026-09-07", "2026-09-14"]
    assert days_named_in(cycle_times_chart(weeks(None, 4.0, None))) == mondays
    done = [Completed(date.fromisoformat(monday), 2) for monday in mondays]
    nothing = OpenWork(0, Spread(0, None, None, None), None, [])
    assert days_named_in(throughput_chart(done, nothing)) == mondays


def test_a_day_is_named_once() -> None:
    days = [date(2026, 11, 20), date(2026, 11, 21)]
    drawn = trends_chart([TrendDay(day, 1, 0) for day in days])
    assert days_named_in(drawn) == [str(day) for day in days]


def test_only_those_with_the_most_are_drawn() -> None:
    bars = bars_of(overview(people=[(f"P{n}", n) for n in range(1, MOST + 3)], tags=[]))
    assert (len(bars), min(bars.values())) == (MOST, 3)


def test_a_name_is_text_and_no_markup() -> None:
    assert "<b>" not in overview_chart(overview(people=[("<b>Bea</b>", 1)], tags=[]))


def test_the_longest_window_is_drawn_too() -> None:
    window = last_days(LONGEST, datetime(2026, 11, 20, tzinfo=UTC), "UTC")
    drawn = trends_chart([TrendDay(day, 1, 0) for day in window.starts("day")])
    assert drawn.startswith("<svg")
