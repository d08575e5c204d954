"""What do the numbers say about the work? Pure: frames in, answers out.

A task that is overdue counts as that and not as to do or in progress, so that counts by status
add up. Durations are in hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from queries.lazily import Lazily
from queries.windows import Grain, Window

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Lazily("polars")

STATUSES = ("todo", "in_progress", "completed", "overdue")
STATUS_COLOURS = ("#94A3B8", "#3B82F6", "#22C55E", "#EF4444")
PRIORITIES = ("low", "medium", "high", "urgent")
AGES = (1, 7, 30, 90)
_HOUR = 3600


class AssigneeCount(msgspec.Struct, frozen=True):
    """`account` is null for what nobody is assigned to."""

    account: UUID | None
    full_name: str | None
    tasks: int
    completed: int
    overdue: int


class TagCount(msgspec.Struct, frozen=True):
    tag: UUID
    name: str
    colour: str
    tasks: int
    completed: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """`completion_rate` is in percent."""

    total_tasks: int
    todo: int
    in_progress: int
    completed: int
    overdue: int
    completion_rate: float
    by_status: dict[str, int]
    by_priority: dict[str, int]
    by_tag: list[TagCount]
    by_assignee: list[AssigneeCount]


class Spread(msgspec.Struct, frozen=True):
    """How long it took, in hours; null where nothing was done."""

    tasks: int
    median: float | None
    p85: float | None
    p95: float | None


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """`cycle_time` is from creation to completion, `work_time` from the start to completion."""

    account: UUID
    username: str | None
    full_name: str
    assigned: int
    todo: int
    in_progress: int
    completed: int
    overdue: int
    completion_rate: float
    cycle_time: Spread
    work_time: Spread


class TrendDay(msgspec.Struct, frozen=True):
    date: date
    created: int
    completed: int


class CycleWeek(msgspec.Struct, frozen=True):
    """`week` is its Monday."""

    week: date
    cycle_time: Spread
    work_time: Spread


class CycleTimes(msgspec.Struct, frozen=True):
    cycle_time: Spread
    work_time: Spread
    by_week: list[CycleWeek]


class Completed(msgspec.Struct, frozen=True):
    """`begin` is the day, or the Monday of the week."""

    begin: date
    completed: int


class AgeGroup(msgspec.Struct, frozen=True):
    """Open tasks that are at least `from_days` and less than `to_days` old."""

    from_days: int
    to_days: int | None
    tasks: int


class OpenWork(msgspec.Struct, frozen=True):
    """`age` is how long what is open has been there."""

    tasks: int
    age: Spread
    oldest: float | None
    by_age: list[AgeGroup]


def counts(cube: pl.DataFrame, column: str, names: Sequence[str]) -> dict[str, int]:
    """Tasks by the values of a column, those that do not occur included."""
    found = dict(cube.group_by(column).agg(pl.col("tasks").sum()).iter_rows())
    return {name: found.get(name, 0) for name in names}


def rate(completed: int, total: int) -> float:
    return round(100 * completed / total, 1) if total else 0.0


def overview(cube: pl.DataFrame, tags: pl.DataFrame, names: pl.DataFrame) -> Overview:
    """`cube`: status, priority, assignee, tasks. `tags`: tag, name, colour, completed, tasks.
    `names`: account, username, full_name."""
    by_status = counts(cube, "status", STATUSES)
    total = sum(by_status.values())
    return Overview(
        total_tasks=total,
        todo=by_status["todo"],
        in_progress=by_status["in_progress"],
        completed=by_status["completed"],
        overdue=by_status["overdue"],
        completion_rate=rate(by_status["completed"], total),
        by_status=by_status,
        by_priority=counts(cube, "priority", PRIORITIES),
        by_tag=_by_tag(tags),
        by_assignee=_by_assignee(cube, names),
    )


def _by_tag(tags: pl.DataFrame) -> list[TagCount]:
    found = (
        tags.group_by("tag", "name", "colour")
        .agg(pl.col("tasks").sum(), pl.col("tasks").filter(pl.col("completed")).sum().alias("done"))
        .sort(["tasks", "name"], descending=[True, False])
    )
    return [TagCount(UUID(tag), *rest) for tag, *rest in found.iter_rows()]


def _by_assignee(cube: pl.DataFrame, names: pl.DataFrame) -> list[AssigneeCount]:
    found = (
        cube.group_by("assignee")
        .agg(
            pl.col("tasks").sum(),
            *(_of_status(status) for status in ("completed", "overdue")),
        )
        .join(names, left_on="assignee", right_on="account", how="left")
        .sort(["tasks", "assignee"], descending=[True, False], nulls_last=True)
        .select("assignee", "full_name", "tasks", "completed", "overdue")
    )
    return [
        AssigneeCount(UUID(account) if account else None, *rest)
        for account, *rest in found.iter_rows()
    ]


def _of_status(status: str) -> pl.Expr:
    return pl.col("tasks").filter(pl.col("status") == status).sum().alias(status)


def performance(
    members: pl.DataFrame, cube: pl.DataFrame, times: pl.DataFrame
) -> list[Performance]:
    """One for each of `members` (account, username, full_name), by name. `times`: assignee,
    start, cycle and work, both lists of seconds."""
    found = members.join(
        cube.group_by("assignee").agg(
            pl.col("tasks").sum().alias("assigned"), *(_of_status(status) for status in STATUSES)
        ),
        left_on="account",
        right_on="assignee",
        how="left",
    ).with_columns(pl.col("assigned", *STATUSES).fill_null(0))
    spreads = {key: spread_pair(rows) for (key,), rows in times.group_by(["assignee"])}
    nothing = Spread(0, None, None, None)
    shown = []
    for row in found.sort(["full_name", "account"]).iter_rows(named=True):
        account = row.pop("account")
        cycle, work = spreads.get(account, (nothing, nothing))
        completion = rate(row["completed"], row["assigned"])
        shown.append(
            Performance(
                account=UUID(account),
                completion_rate=completion,
                cycle_time=cycle,
                work_time=work,
                **row,
            )
        )
    return shown


def trends(window: Window, made: pl.DataFrame, done: pl.DataFrame) -> list[TrendDay]:
    """A row a day, zeros included. Both frames: bucket (the day's number from 1), tasks."""
    days = pl.DataFrame({"date": window.starts("day")}).with_row_index("bucket", offset=1)
    days = days.with_columns(pl.col("bucket").cast(pl.Int64))
    for name, frame in (("created", made), ("completed", done)):
        days = days.join(frame.rename({"tasks": name}), on="bucket", how="left")
    found = days.sort("bucket").with_columns(pl.col("created", "completed").fill_null(0))
    return [TrendDay(*row) for row in found.select("date", "created", "completed").iter_rows()]


def throughput(window: Window, grain: Grain, done: pl.DataFrame) -> list[Completed]:
    """What was completed in each day or week, zeros included. `done`: bucket, tasks."""
    found = dict(done.select("bucket", "tasks").iter_rows())
    starts = window.starts(grain)
    return [Completed(begin, found.get(n, 0)) for n, begin in enumerate(starts, start=1)]


def cycle_times(window: Window, times: pl.DataFrame) -> CycleTimes:
    """`times`: assignee, bucket (the week's number from 1), cycle and work in lists of seconds."""
    weeks = {key: spread_pair(rows) for (key,), rows in times.group_by(["bucket"])}
    nothing = Spread(0, None, None, None)
    by_week = [
        CycleWeek(week, *weeks.get(n, (nothing, nothing)))
        for n, week in enumerate(window.starts("week"), start=1)
    ]
    return CycleTimes(*spread_pair(times), by_week)


def spread_pair(times: pl.DataFrame) -> tuple[Spread, Spread]:
    return _spread_of_lists(times["cycle"]), _spread_of_lists(times["work"])


def _spread_of_lists(lists: pl.Series) -> Spread:
    return spread(lists.explode().drop_nulls())


def spread(seconds: pl.Series) -> Spread:
    if seconds.is_empty():
        return Spread(0, None, None, None)
    return Spread(len(seconds), *(_hours(seconds.quantile(q, "linear")) for q in (0.5, 0.85, 0.95)))


def open_work(ages: pl.Series) -> OpenWork:
    """`ages` of open tasks in seconds."""
    days = ages / (24 * _HOUR)
    ends = (*AGES, None)
    groups = [
        AgeGroup(begin, end, int(((days >= begin) & (days < (end or float("inf")))).sum()))
        for begin, end in zip((0, *AGES), ends, strict=True)
    ]
    oldest = ages.max() if len(ages) else None
    return OpenWork(
        len(ages), spread(ages), _hours(oldest if isinstance(oldest, float) else None), groups
    )


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _HOUR, 2)
