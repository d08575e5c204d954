"""What TaskHub's clients send, checked as TaskHub checked it."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field

from events.moments import ENDS
from gateway.dialects.fastapi import Wire

Status = Literal["todo", "in_progress", "completed", "overdue"]
Priority = Literal["low", "medium", "high", "urgent"]


def _in_utc(moment: datetime) -> datetime:
    """A moment without an offset was an internal error there; here it is taken as UTC."""
    try:
        known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        known = None
    if known is None or known in ENDS:
        raise ValueError("the moment is out of range")
    return known


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Register(Wire):
    email: EmailStr
    username: Annotated[str, Field(min_length=3, max_length=100)]
    full_name: Annotated[str, Field(min_length=1, max_length=255)]
    password: Annotated[str, Field(min_length=6, max_length=128)]


class Login(Wire):
    email: EmailStr
    password: str


class Profile(Wire):
    full_name: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    avatar_url: Annotated[str, Field(max_length=500)] | None = None


class NewTask(Wire):
    """Null for an optional field means its default."""

    title: Annotated[str, Field(min_length=1, max_length=255)]
    description: str | None = None
    status: Status | None = None
    priority: Priority | None = None
    start_date: Moment | None = None
    due_date: Moment | None = None
    assigned_to: UUID | None = None
    tags: list[str] | None = None
    notify_overdue: bool | None = None


class NewTasks(Wire):
    tasks: list[NewTask]


class TaskChanges(Wire):
    """Null leaves a field as it is."""

    title: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    description: str | None = None
    status: Status | None = None
    priority: Priority | None = None
    start_date: Moment | None = None
    due_date: Moment | None = None
    assigned_to: UUID | None = None
    tags: list[str] | None = None
    notify_overdue: bool | None = None


class TaskQuery(Wire):
    page: Annotated[int, Field(ge=1, le=1 << 52)] = 1  # beyond it no list goes
    page_size: Annotated[int, Field(ge=1, le=100)] = 10
    status: Status | None = None
    priority: Priority | None = None
    assigned_to: UUID | None = None
    search: str | None = None
    tag: str | None = None
    sort_by: Literal["created_at", "updated_at", "due_date", "title", "priority", "status"] = (
        "created_at"
    )
    sort_order: Literal["asc", "desc"] = "desc"


class NewComment(Wire):
    content: Annotated[str, Field(min_length=1, max_length=5000)]


class NotificationQuery(Wire):
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class TrendQuery(Wire):
    days: Annotated[int, Field(ge=7, le=365)] = 30
