"""What Task Manager's clients send, checked as it checked it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from gateway.dialects.fastapi import Wire

Priority = Literal["low", "medium", "high"]
SortBy = Literal["id", "title", "priority", "completed", "created_at", "due_date"]
FARTHEST = 1 << 52  # beyond it no list goes


class Register(Wire):
    """An e-mail is any text."""

    username: Annotated[str, Field(min_length=3, max_length=50)]
    email: Annotated[str, Field(max_length=100)]
    password: Annotated[str, Field(min_length=8, max_length=100)]


class Login(Wire):
    username: str
    password: str


class NewTask(Wire):
    """All texts lose the white space around them before they are measured, tags too."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=1000)] | None = None
    priority: Priority = "medium"
    due_date: date | None = None
    tags: list[str] = Field(default_factory=list)
    completed: bool = False


class TaskChanges(Wire):
    """What was sent is in `model_fields_set`, and texts are taken as they are. Null clears what
    may be missing; for the others it was an internal error there."""

    title: str = ""
    description: str | None = None
    completed: bool = False
    priority: Priority = "medium"
    due_date: date | None = None
    tags: list[str] = Field(default_factory=list)


class BulkChanges(Wire):
    task_ids: Annotated[list[int], Field(min_length=1)]
    updates: TaskChanges


class TaskQuery(Wire):
    completed: bool | None = None
    priority: Priority | None = None
    tag: str | None = None
    overdue: bool | None = None
    search: str | None = None
    created_after: date | None = None
    created_before: date | None = None
    sort_by: SortBy | None = None
    sort_order: Literal["asc", "desc"] = "asc"
    skip: Annotated[int, Field(ge=0, le=FARTHEST)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 100
