"""A task as the Todo frontend reads it, and its three priorities among our four."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from events.base import Priority as Stored
from gateway.dialects.fastapi import shown_moment
from gateway.dialects.private import tag_names
from gateway.dialects.todo.wire import Priority
from queries.tasks import TaskRow

Json = dict[str, Any]

STORED: Mapping[Priority, Stored] = {"High": "high", "Medium": "medium", "Low": "low"}
SHOWN: Mapping[Stored, Priority] = {
    "urgent": "High",  # which only other clients can set
    "high": "High",
    "medium": "Medium",
    "low": "Low",
}


def shown_task(row: TaskRow, user: str) -> Json:
    due = due_day(row)
    return {
        "id": str(row.id),
        "user_id": user,
        "title": row.title,
        "description": row.description,
        "completed": row.status == "completed",
        "priority": SHOWN[row.priority],
        "due_date": due.isoformat() if due else None,
        "created_at": shown_moment(row.created_at),
        "updated_at": shown_moment(row.updated_at),
        "tags": sorted(tag_names(row.tags)),
    }


def due_day(row: TaskRow) -> date | None:
    """Of a moment that another client set, the day in UTC."""
    return row.due_at.astimezone(UTC).date() if row.due_at else row.due_on
