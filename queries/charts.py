"""How do the numbers look? Each answer of the analytics as an SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from queries.analytics import (
    PRIORITIES,
    STATUS_COLOURS,
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
_NAMED = 12
_CREATED, _COMPLETED = "#3B82F6", "#22C55E"


def overview_chart(overview: Overview) -> str:
    """By status, priority, assignee and tag."""
    statuses = _bars("Status", overview.by_status, order=STATUSES, colours=STATUS_COLOURS)
    priorities = _bars("Priority", overview.by_priority, order=PRIORITIES)
    names = _called((each.account, each.full_name) for each in overview.by_assignee)
    people = Counter({names[each.account]: each.tasks for each in overview.by_assignee})
    tags: Counter[str] = Counter()
    for tag in overview.by_tag:  # those of several workspaces may share a name
        tags[tag.name] += tag.tasks
    left = alt.vconcat(statuses, priorities)
    return _svg(alt.hconcat(left, alt.vconcat(_most("Assignee", people), _most("Tag", tags))))


def performance_chart(members: Sequence[Performance]) -> str:
    names = _called((each.account, each.full_name) for each in members)
    most = sorted(members, key=lambda each: -each.assigned)[:MOST]
    rows = [
        {"member": names[each.account], "status": status, "tasks": tasks}
        for each in most
        for status, tasks in zip(
            STATUSES, (each.todo, each.in_progress, each.completed, each.overdue), strict=True
        )
    ]
    frame = _frame(rows, {"member": pl.String, "status": pl.String, "tasks": pl.Int64})
    colour = alt.Color("status:N", sort=STATUSES, title=None).scale(
        domain=list(STATUSES), range=list(STATUS_COLOURS)
    )
    title = _of_all("Tasks by member", len(members))
    chart = alt.Chart(frame, title=title, width=480).mark_bar()
    order = [names[each.account] for each in most]
    return _svg(
        chart.encode(
            x=_count("tasks", [each.assigned for each in most]),
            y=alt.Y("member:N", sort=order, title=None),
            color=colour,
        )
    )


def trends_chart(days: Sequence[TrendDay]) -> str:
    rows = [
        {"date": str(day.date), "what": what, "tasks": tasks}
        for day in days
        for what, tasks in (("created", day.created), ("completed", day.completed))
    ]
    frame = _frame(rows, {"date": pl.String, "what": pl.String, "tasks": pl.Int64})
    colour = alt.Color("what:N", title=None).scale(
        domain=["created", "completed"], range=[_CREATED, _COMPLETED]
    )
    chart = alt.Chart(frame, title="Created and completed a day", width=640)
    return _svg(
        _line(chart).encode(
            x=_day("date", [day.date for day in days]),
            y=_up("tasks", [day.created for day in days] + [day.completed for day in days]),
            color=colour,
        )
    )


def cycle_times_chart(times: CycleTimes) -> str:
    rows = [
        {"week": str(week.week), "share": share, "hours": hours}
        for week in times.by_week
        for share, hours in (
            ("median", week.cycle_time.median),
            ("85 %", week.cycle_time.p85),
            ("95 %", week.cycle_time.p95),
        )
        if hours is not None
    ]
    frame = _frame(rows, {"week": pl.String, "share": pl.String, "hours": pl.Float64})
    chart = alt.Chart(frame, title="Hours from creation to completion", width=640)
    colour = alt.Color("share:N", title=None).scale(domain=["median", "85 %", "95 %"])
    scale = _from_nought([hours for week in times.by_week if (hours := week.cycle_time.p95)])
    return _svg(
        _line(chart).encode(
            x=_day("week", [week.week for week in times.by_week]),
            y=alt.Y("hours:Q", title="Hours", scale=scale),
            color=colour,
        )
    )


def throughput_chart(done: Sequence[Completed], still_open: OpenWork) -> str:
    rows = [{"begin": str(each.begin), "completed": each.completed} for each in done]
    frame = _frame(rows, {"begin": pl.String, "completed": pl.Int64})
    completed = alt.Chart(frame, title="Completed", width=480).mark_bar(color=_COMPLETED)
    ages = {
        f"{group.from_days}–{group.to_days} days"
        if group.to_days
        else f"over {group.from_days} days": group.tasks
        for group in still_open.by_age
    }
    return _svg(
        alt.hconcat(
            completed.encode(
                x=_day("begin", [each.begin for each in done]),
                y=_up("completed", [each.completed for each in done]),
            ),
            _bars("Age of open work", ages, order=tuple(ages)),
        )
    )


def _called(people: Iterable[tuple[UUID | None, str | None]]) -> dict[UUID | None, str]:
    """Each by name; the end of the id tells apart those who share one."""
    names = {id: name or (str(id) if id else "(nobody)") for id, name in people}
    shared = Counter(names.values())
    return {
        id: f"{name} ({id.hex[-6:]})" if id and shared[name] > 1 else name
        for id, name in names.items()
    }


def _most(title: str, counted: Counter[str]) -> alt.Chart:
    return _bars(_of_all(title, len(counted)), dict(counted.most_common(MOST)))


def _of_all(title: str, count: int) -> str:
    return f"{title} (the first {MOST} of {count})" if count > MOST else title


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
    drawn: alt.Chart = chart.encode(x=_count("tasks", counted.values()), y=y, color=colour)
    return drawn


def _line(chart: alt.Chart) -> alt.Chart:
    """Without the tips that sharp corners have, which point at values that nothing had."""
    drawn: alt.Chart = chart.mark_line(point=True, strokeJoin="round")
    return drawn


def _count(field: str, values: Iterable[int]) -> alt.X:
    return alt.X(f"{field}:Q", title="Tasks", axis=_whole(), scale=_from_nought(values))


def _up(field: str, values: Iterable[int]) -> alt.Y:
    return alt.Y(f"{field}:Q", title="Tasks", axis=_whole(), scale=_from_nought(values))


def _whole() -> alt.Axis:
    """There are no half tasks."""
    return alt.Axis(labelExpr="datum.value % 1 ? '' : format(datum.value, 'd')")


def _from_nought(values: Iterable[float]) -> alt.Scale:
    """Where there is nothing to show, too: an axis needs a length."""
    return alt.Scale(domain=[0, max(values, default=0) or 1], nice=True)


def _day(field: str, days: Sequence[date]) -> alt.X:
    """A place for each, those without values too; as many are named as can be read."""
    names = [str(day) for day in days]
    axis = alt.Axis(values=names[:: -(-len(names) // _NAMED) or 1], labelAngle=-45)
    return alt.X(f"{field}:O", title=None, axis=axis, scale=alt.Scale(domain=names))


def _frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns)


def _svg(chart: alt.Chart | alt.HConcatChart) -> str:
    """Everything is in the chart, the days of ten years too: nothing is fetched."""
    alt.data_transformers.disable_max_rows()
    return vl_convert.vegalite_to_svg(chart.to_json(), allowed_base_urls=[])
