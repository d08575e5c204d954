"""What Task Manager's clients read, as its document describes it."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gateway.dialects.taskmanager.wire import Priority

Id = Annotated[int, Field(examples=[1_000_000_042])]
Email = Annotated[str, Field(examples=["ada@example.org"])]
Name = Annotated[str, Field(examples=["notes.txt"])]
MediaType = Annotated[str, Field(examples=["text/plain"])]
Token = Annotated[
    str, Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"])
]
Counts = Annotated[dict[str, int], Field(examples=[{"high": 2}])]


class UserResponse(BaseModel):
    id: Id
    username: Annotated[str, Field(examples=["ada"])]
    email: Email
    created_at: datetime


class TokenResponse(BaseModel):
    access_token: Token
    token_type: Literal["bearer"]


class TaskResponse(BaseModel):
    id: Id
    title: str
    description: str | None
    completed: bool
    priority: Priority
    created_at: datetime
    due_date: date | None
    tags: list[str]
    user_id: Id


class TaskStats(BaseModel):
    total: int
    completed: int
    incomplete: int
    by_priority: Counts
    by_tag: Counts
    overdue: int


class TaskFileInfo(BaseModel):
    id: Id
    original_filename: Name
    file_size: int
    content_type: MediaType
    uploaded_at: datetime


class FileUploadResponse(TaskFileInfo):
    task_id: Id


class Running(BaseModel):
    message: Annotated[str, Field(examples=["Task Manager API"])]
    status: Annotated[str, Field(examples=["running"])]
