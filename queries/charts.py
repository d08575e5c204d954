"""How do the numbers look? Each answer of the analytics as an SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from queries.analytics import (
    PRIORITIES,
    STATUSES,
    Completed,
    CycleTimes,
    OpenWork,
    Overview,
    Performance,
    TrendDay,
)
from queries.lazily import Lazily

if TYPE_CHECKING:
    import altair as alt
    import polars as pl
    import vl_convert
else:
    alt, pl, vl_convert = Lazily("altair"), Lazily("polars"), Lazily("vl_convert")

MOST = 25
_COLOURS = ("#94A3B8", "#3B82F6", "#22C55E", "#EF4444")
_CREATED, _COMPLETED = "#3B82F6", "#22C55E"


def overview_chart(overview: Overview) -> str:
    """By status, priority, assignee and tag."""
    statuses = _bars("Status", overview.by_status, order=STATUSES, colours=_COLOURS)
    priorities = _bars("Priority", overview.by_priority, order=PRIORITIES)
    people = _added((each.full_name or "(nobody)", each.tasks) for each in overview.by_assignee)
    tags = _added((each.name, each.tasks) for each in overview.by_tag)
    left = alt.vconcat(statuses, priorities)
    return _svg(alt.hconcat(left, alt.vconcat(_bars("Assignee", people), _bars("Tag", tags))))


def performance_chart(members: Sequence[Performance]) -> str:
    rows = [
        {"member": each.full_name or str(each.account), "status": status, "tasks": tasks}
        for each in sorted(members, key=lambda each: -each.assigned)[:MOST]
        for status, tasks in zip(
            STATUSES, (each.todo, each.in_progress, each.completed, each.overdue), strict=True
        )
    ]
    frame = _frame(rows, {"member": pl.String, "status": pl.String, "tasks": pl.Int64})
    colour = alt.Color("status:N", sort=STATUSES, title=None).scale(
        domain=list(STATUSES), range=list(_COLOURS)
    )
    chart = alt.Chart(frame, title="Tasks by member", width=480).mark_bar()
    return _svg(
        chart.encode(x=_count("tasks"), y=alt.Y("member:N", sort="-x", title=None), color=colour)
    )


def trends_chart(days: Sequence[TrendDay]) -> str:
    rows = [
        {"date": day.date, "what": what, "tasks": tasks}
        for day in days
        for what, tasks in (("created", day.created), ("completed", day.completed))
    ]
    frame = _frame(rows, {"date": pl.Date, "what": pl.String, "tasks": pl.Int64})
    colour = alt.Color("what:N", title=None).scale(
        domain=["created", "completed"], range=[_CREATED, _COMPLETED]
    )
    chart = alt.Chart(frame, title="Created and completed a day", width=640).mark_line(point=True)
    return _svg(chart.encode(x=_day("date"), y=_up("tasks", "Tasks"), color=colour))


def cycle_times_chart(times: CycleTimes) -> str:
    rows = [
        {"week": week.week, "share": share, "hours": hours}
        for week in times.by_week
        for share, hours in (
            ("median", week.cycle_time.median),
            ("85 %", week.cycle_time.p85),
            ("95 %", week.cycle_time.p95),
        )
        if hours is not None
    ]
    frame = _frame(rows, {"week": pl.Date, "share": pl.String, "hours": pl.Float64})
    chart = alt.Chart(frame, title="Hours from creation to completion", width=640)
    colour = alt.Color("share:N", sort=["median", "85 %", "95 %"], title=None)
    return _svg(
        chart.mark_line(point=True).encode(
            x=_day("week"), y=alt.Y("hours:Q", title="Hours"), color=colour
        )
    )


def throughput_chart(done: Sequence[Completed], still_open: OpenWork) -> str:
    rows = [{"begin": each.begin, "completed": each.completed} for each in done]
    frame = _frame(rows, {"begin": pl.Date, "completed": pl.Int64})
    wide = max(1, min(40, 400 // max(1, len(rows))))
    completed = alt.Chart(frame, title="Completed", width=480).mark_bar(color=_COMPLETED, size=wide)
    ages = {
        f"{group.from_days}–{group.to_days} days"
        if group.to_days
        else f"over {group.from_days} days": group.tasks
        for group in still_open.by_age
    }
    return _svg(
        alt.hconcat(
            completed.encode(x=_day("begin"), y=_up("completed", "Tasks")),
            _bars("Age of open work", ages, order=tuple(ages)),
        )
    )


def _added(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The most by name: people may share one, and tags of several workspaces."""
    sums: Counter[str] = Counter()
    for name, tasks in counted:
        sums[name] += tasks
    return dict(sums.most_common(MOST))


def _bars(
    title: str,
    counted: Mapping[str, int],
    *,
    order: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
) -> alt.Chart:
    rows = [{"name": name, "tasks": tasks} for name, tasks in counted.items()]
    frame = _frame(rows, {"name": pl.String, "tasks": pl.Int64})
    scale = alt.Scale(domain=list(order or ()), range=list(colours)) if colours else None
    colour: Any = alt.Color("name:N", legend=None, scale=scale) if scale else alt.value(_CREATED)
    y = alt.Y("name:N", sort=list(order) if order else "-x", title=None)
    chart = alt.Chart(frame, title=title, width=280).mark_bar()
    drawn: alt.Chart = chart.encode(x=_count("tasks"), y=y, color=colour)
    return drawn


def _count(field: str) -> alt.X:
    return alt.X(f"{field}:Q", title="Tasks", axis=_whole())


def _up(field: str, title: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, axis=_whole())


def _whole() -> alt.Axis:
    """There are no half tasks."""
    return alt.Axis(labelExpr="datum.value % 1 ? '' : format(datum.value, 'd')")


def _day(field: str) -> alt.X:
    return alt.X(f"{field}:T", title=None, axis=alt.Axis(format="%Y-%m-%d", labelAngle=-45))


def _frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns)


def _svg(chart: alt.Chart | alt.HConcatChart) -> str:
    """Everything is in the chart, the days of ten years too: nothing is fetched."""
    alt.data_transformers.disable_max_rows()
    return vl_convert.vegalite_to_svg(chart.to_json(), allowed_base_urls=[])
