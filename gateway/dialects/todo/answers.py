"""What the Todo frontend reads, as its backend's document describes it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.dialects.todo.wire import Priority

UserId = Annotated[str, Field(examples=["kW3x9ZqTmB5uYc1RfH7sLd2NvPa8JeGo"])]


class TaskResponse(BaseModel):
    id: UUID
    user_id: UserId
    title: str
    description: str | None
    completed: bool
    priority: Priority
    due_date: date | None
    created_at: datetime
    updated_at: datetime
    tags: list[str]


class TaskList(BaseModel):
    tasks: list[TaskResponse]
    total: int
    limit: int
    offset: int


class TaskListResponse(BaseModel):
    data: TaskList
    error: None


class TagResponse(BaseModel):
    name: str
    usage_count: int


class VerifyResponse(BaseModel):
    valid: Annotated[bool, Field(examples=[True])]
    user_id: UserId
    email: str | None
    exp: Annotated[int | float | None, Field(examples=[1764000000])]


class Health(BaseModel):
    status: Annotated[str, Field(examples=["healthy"])]
    service: Annotated[str, Field(examples=["todo-api"])]


class Welcome(BaseModel):
    message: Annotated[str, Field(examples=["Todo API - Phase 2 Backend"])]
    status: Annotated[str, Field(examples=["ready"])]
    version: Annotated[str, Field(examples=["0.1.0"])]
