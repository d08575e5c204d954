"""What the Todo frontend sends, checked as its backend checked it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.dialects.fastapi import Wire

Priority = Literal["High", "Medium", "Low"]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Description = Annotated[str, Field(max_length=1000)]


class NewTask(Wire):
    title: Title
    description: Description | None = None
    priority: Priority = "Medium"
    due_date: date | None = None
    tags: list[str] = Field(default_factory=list)


class TaskChanges(Wire):
    """Only what is sent counts, whatever the defaults. Null clears the description and the due
    date, leaves the tags, and is wrong for the rest."""

    title: Title = "unsent"
    description: Description | None = None
    completed: bool = False
    priority: Priority = "Medium"
    due_date: date | None = None
    tags: list[str] | None = None


class TaskQuery(Wire):
    """Words that mean nothing are ignored. `status` is what the frontend sends instead of
    `completed`."""

    completed: bool | None = None
    status: str | None = None
    search: str | None = None
    priority: str | None = None
    tags: list[str] = Field(default_factory=list)
    sort_by: str = "created_at"
    sort_direction: str = "desc"
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0)] = 0


class Verification(Wire):
    """A token that is not in the header."""

    token: str | None = None
