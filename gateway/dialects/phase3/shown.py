"""Tasks and users as Phase 3's clients read them."""

from datetime import datetime
from typing import Any

from gateway.dialects.fastapi import shown_moment
from queries.tasks import TaskRow

Json = dict[str, Any]


def shown_task(row: TaskRow, user: str) -> Json:
    return {
        "id": str(row.id),
        "user_id": user,
        "title": row.title,
        "description": row.description,
        "completed": row.status == "completed",
        # One that only other clients can set; this one's page knows three.
        "priority": "high" if row.priority == "urgent" else row.priority,
        "created_at": shown_moment(row.created_at),
        "updated_at": shown_moment(row.updated_at),
    }


def shown_user(id: str, email: str, name: str, created_at: datetime, token: str) -> Json:
    return {
        "email": email,
        "name": name,
        "id": id,
        "created_at": shown_moment(created_at),
        "token": token,
    }
