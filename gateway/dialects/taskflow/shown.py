"""Users and tasks as TaskFlow's clients read them, and its words for what we call otherwise."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from commands.numbers import number_in
from events.base import Priority
from gateway.dialects.fastapi import shown_moment
from gateway.dialects.taskflow.asking import SYSTEM
from queries.tasks import Status, TaskRow

Json = dict[str, Any]

# Its pages fail at any word beside their own, so what only other clients can set is one of them.
STATUS: Mapping[Status, str] = {
    "todo": "pending",
    "in_progress": "in_progress",
    "completed": "completed",
}
PRIORITY: Mapping[Priority, str] = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "urgent": "high",
}
OURS: Mapping[str, Priority] = {"low": "low", "medium": "medium", "high": "high"}


def shown_user(number: int, email: str, full_name: str, created_at: datetime) -> Json:
    return {
        "id": number,
        "email": email,
        "full_name": full_name,
        "created_at": shown_moment(created_at),
    }


def shown_task(row: TaskRow) -> Json:
    return {
        "id": number_in(SYSTEM, "task", row.id, row.number),
        "title": row.title,
        "description": row.description,
        "status": STATUS[row.status],
        "priority": PRIORITY[row.priority],
        "due_date": shown_due(row.due_on, row.due_at),
        "created_at": shown_moment(row.created_at),
        "updated_at": shown_moment(row.updated_at),
    }


def shown_due(on: date | None, at: datetime | None) -> str | None:
    """A day that another client set is its last moment here."""
    if at is None and on is not None:
        at = datetime.combine(on, time.max, UTC)
    return shown_moment(at) if at is not None else None


def statuses_shown_as(word: str | None) -> tuple[Status, ...]:
    """None of them for no word: then they do not matter."""
    return tuple(status for status, shown in STATUS.items() if shown == word)


def priorities_shown_as(word: str | None) -> tuple[Priority, ...]:
    return tuple(priority for priority, shown in PRIORITY.items() if shown == word)
