"""What Task Manager's filters and orders mean here."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from events.base import Priority as Stored
from gateway.dialects.taskmanager.wire import Priority, SortBy, TaskQuery
from queries.numbered_tasks import Numbered, NumberedSort
from queries.tasks import TaskFilter

SORTS: dict[SortBy | None, NumberedSort] = {
    None: "created_at",
    "id": "number",
    "title": "title",
    "priority": "priority_name",
    "completed": "completed",
    "created_at": "created_at",
    "due_date": "due",
}


PRIORITIES: dict[Priority | None, tuple[Stored, ...]] = {
    None: (),
    "low": ("low",),
    "medium": ("medium",),
    "high": ("high", "urgent"),  # as it shows
}


def numbered(asked: TaskQuery, space: UUID, now: datetime) -> Numbered:
    return Numbered(
        workspace=space,
        wanted=filter_of(asked),
        now=now,
        sort=SORTS[asked.sort_by],
        order=asked.sort_order if asked.sort_by else "asc",
        offset=asked.skip,
        limit=asked.limit,
    )


def filter_of(asked: TaskQuery) -> TaskFilter:
    """A day that something was created before is compared as its midnight, that one included."""
    return TaskFilter(
        statuses={None: (), True: ("completed",), False: ("todo", "in_progress")}[asked.completed],
        overdue=asked.overdue,
        priorities=PRIORITIES[asked.priority],
        tags=(asked.tag,) if asked.tag else (),
        text=asked.search or None,
        created_from=midnight(asked.created_after) if asked.created_after else None,
        created_to=midnight(asked.created_before) + _TICK if asked.created_before else None,
    )


_TICK = timedelta(microseconds=1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
