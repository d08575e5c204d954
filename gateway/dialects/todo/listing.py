"""What the filters and orders of the Todo frontend mean here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from events.base import Priority as Stored
from gateway.dialects.todo.wire import TaskQuery
from queries.lists import Order
from queries.numbered_tasks import Numbered, NumberedSort
from queries.tasks import TaskFilter

Status = Literal["todo", "in_progress", "completed"]
_ENOUGH = 1 << 31  # more than any list has
_OPPOSITE: Mapping[Order, Order] = {"asc": "desc", "desc": "asc"}

_SORTS: Mapping[str, NumberedSort] = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "title": "title",
    "due_date": "due",
}
# What the frontend's own menu sends; each says its direction too.
_MENU: Mapping[str, tuple[NumberedSort, Order]] = {
    "created_newest": ("created_at", "desc"),
    "created_oldest": ("created_at", "asc"),
    "due_date_soonest": ("due", "asc"),
    "priority_high_low": ("priority", "desc"),
    "alphabetical_az": ("title", "asc"),
}
_PRIORITIES: Mapping[str, tuple[Stored, ...]] = {
    "High": ("high", "urgent"),  # as it shows
    "Medium": ("medium",),
    "Low": ("low",),
}
_OPEN: tuple[Status, ...] = ("todo", "in_progress")
_DONE: tuple[Status, ...] = ("completed",)


def numbered(asked: TaskQuery, space: UUID, now: datetime) -> Numbered:
    sort, order = sorting(asked.sort_by, asked.sort_direction)
    return Numbered(
        workspace=space,
        wanted=TaskFilter(
            statuses=statuses(asked),
            priorities=_PRIORITIES.get(asked.priority or "", ()),
            tags=asked.tags,
            text=asked.search or None,
        ),
        now=now,
        sort=sort,
        order=order,
        offset=min(asked.offset, _ENOUGH),
        limit=asked.limit,
    )


def sorting(sort_by: str, direction: str) -> tuple[NumberedSort, Order]:
    """There, priorities stood as High, Medium, Low, and so ascending was from High to Low."""
    if sort_by in _MENU:
        return _MENU[sort_by]
    order: Order = "asc" if direction == "asc" else "desc"
    if sort_by == "priority":
        return "priority", _OPPOSITE[order]
    return _SORTS.get(sort_by, "created_at"), order


def statuses(asked: TaskQuery) -> tuple[Status, ...]:
    if asked.completed is not None:
        return _DONE if asked.completed else _OPEN
    return {"Completed": _DONE, "Pending": _OPEN}.get(asked.status or "", ())
