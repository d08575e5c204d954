"""Tasks, users and files as Task Manager's clients read them."""

from datetime import UTC, date, datetime
from typing import Any

from commands.attachments import Attachment
from commands.base import Stream
from commands.numbers import number_in
from gateway.dialects.fastapi import shown_moment
from gateway.dialects.private import tag_names
from queries.attachments import AttachmentRow
from queries.tasks import TaskRow

Json = dict[str, Any]
PRIORITIES = {"urgent": "high"}  # one that only other clients can set


def shown_task(row: TaskRow, user: int) -> Json:
    return {
        "id": number_in("taskmanager", "task", row.id, row.number),
        "title": row.title,
        "description": row.description,
        "completed": row.status == "completed",
        "priority": PRIORITIES.get(row.priority, row.priority),
        "created_at": shown_moment(row.created_at),
        "due_date": shown_day(row.due_on, row.due_at),
        "tags": tag_names(row.tags),
        "user_id": user,
    }


def shown_user(number: int, username: str, email: str, created_at: datetime) -> Json:
    return {
        "id": number,
        "username": username,
        "email": email,
        "created_at": shown_moment(created_at),
    }


def shown_file(row: AttachmentRow) -> Json:
    return {
        "id": row.number,
        "original_filename": row.name,
        "file_size": row.size,
        "content_type": row.content_type,
        "uploaded_at": shown_moment(row.created_at),
    }


def shown_upload(attachment: Stream[Attachment], task: int) -> Json:
    state = attachment.state
    assert attachment.created_at is not None, "it was added"
    return {
        "id": attachment.number,
        "task_id": task,
        "original_filename": state.name,
        "file_size": state.size,
        "content_type": state.content_type,
        "uploaded_at": shown_moment(attachment.created_at),
    }


def shown_day(on: date | None, at: datetime | None) -> str | None:
    """An instant that another client set is its day in UTC here."""
    day = at.astimezone(UTC).date() if at is not None else on
    return day.isoformat() if day is not None else None
