"""Tasks, people and what belongs to them, as TaskHub's clients read them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from events.tags import COLOUR
from gateway.dialects.fastapi import shown_moment
from gateway.resources.markdown import render
from queries.comments import CommentRow
from queries.people import PersonRow
from queries.tasks import TaskRow

Json = dict[str, Any]


def shown_user(person: PersonRow) -> Json:
    return {
        "id": str(person.id),
        "email": person.email,
        "username": person.username or "",
        "full_name": person.full_name,
        "avatar_url": person.avatar_url,
        "is_active": person.active,
        "created_at": shown_moment(person.created_at),
    }


def shown_task(
    row: TaskRow,
    people: Mapping[UUID, PersonRow],
    *,
    files: list[Json],
    comments: list[Json],
    tags: list[Json],
) -> Json:
    creator = people.get(row.created_by) if row.created_by else None
    assignee = people.get(row.assignee) if row.assignee else None
    return {
        "id": str(row.id),
        "title": row.title,
        "description": row.description,
        "status": "overdue" if row.overdue else row.status,
        "priority": row.priority,
        "start_date": shown_edge(row.start_on, row.start_at, end=False),
        "due_date": shown_edge(row.due_on, row.due_at, end=True),
        "notify_overdue": row.notify_overdue,
        "is_deleted": row.deleted_at is not None,
        "created_by": str(row.created_by) if row.created_by else None,
        "assigned_to": str(row.assignee) if row.assignee else None,
        "creator": shown_user(creator) if creator else None,
        "assignee": shown_user(assignee) if assignee else None,
        "tags": tags,
        "files": files,
        "comments": comments,
        "created_at": shown_moment(row.created_at),
        "updated_at": shown_moment(row.updated_at),
    }


def shown_tag(id: UUID, name: str, created_at: datetime, colour: str = COLOUR) -> Json:
    return {
        "id": str(id),
        "name": name,
        "color": colour,
        "created_at": shown_moment(created_at),
    }


def shown_comment(row: CommentRow, people: Mapping[UUID, PersonRow]) -> Json:
    author = people.get(row.author) if row.author else None
    content = row.content or ""
    return {
        "id": str(row.id),
        "content": content,
        "content_html": render(content),
        "task_id": str(row.task),
        "user_id": str(row.author) if row.author else None,
        "author": shown_user(author) if author else None,
        "is_deleted": row.deleted_at is not None,
        "created_at": shown_moment(row.created_at),
        "updated_at": shown_moment(row.edited_at or row.created_at),
    }


def shown_file(
    id: UUID, key: UUID, name: str, content_type: str, size: int, created_at: datetime
) -> Json:
    """`filename` is under what name it is kept: an id, and the ending of its own name."""
    stem, dot, ending = name.rpartition(".")
    return {
        "id": str(id),
        "filename": f"{key}.{ending.lower()}" if stem and dot else str(key),
        "original_filename": name,
        "content_type": content_type,
        "size": size,
        "created_at": shown_moment(created_at),
    }


def shown_edge(on: date | None, at: datetime | None, *, end: bool) -> str | None:
    """A date that another client set is its first or last moment here."""
    if at is None and on is not None:
        at = datetime.combine(on, time(), UTC)
        at += timedelta(days=1, microseconds=-1) if end else timedelta()
    return shown_moment(at) if at is not None else None
