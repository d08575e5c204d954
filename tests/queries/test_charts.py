"""Does a chart show everything that its numbers say?"""

import re
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

from queries.analytics import AssigneeCount, Overview, TagCount, TrendDay
from queries.charts import MOST, overview_chart, trends_chart
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


def test_who_and_what_share_a_name_are_one_bar_of_all_their_tasks() -> None:
    people = [("Ada", 10), ("Ada", 8), ("Eve", 5), (None, 3)]
    bars = bars_of(overview(people=people, tags=[("urgent", 4), ("urgent", 1), ("later", 2)]))
    assert bars == {"Ada": 18, "Eve": 5, "(nobody)": 3, "urgent": 5, "later": 2}


def test_only_those_with_the_most_are_drawn() -> None:
    bars = bars_of(overview(people=[(f"P{n}", n) for n in range(1, MOST + 3)], tags=[]))
    assert (len(bars), min(bars.values())) == (MOST, 3)


def test_a_name_is_text_and_no_markup() -> None:
    assert "<b>" not in overview_chart(overview(people=[("<b>Bea</b>", 1)], tags=[]))


def test_the_longest_window_is_drawn_too() -> None:
    window = last_days(LONGEST, datetime(2026, 11, 20, tzinfo=UTC), "UTC")
    drawn = trends_chart([TrendDay(day, 1, 0) for day in window.starts("day")])
    assert drawn.startswith("<svg")
