"""What Phase 3's clients read, as its document describes it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.dialects.phase3.wire import Priority

UserId = Annotated[str, Field(examples=["01939a6b-7c00-7d52-9b3e-8f4a1c2d3e4f"])]
Token = Annotated[
    str, Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"])
]


class TaskRead(BaseModel):
    id: UUID
    user_id: UserId
    title: str
    description: str | None
    completed: bool
    priority: Priority
    created_at: datetime
    updated_at: datetime


class UserResponse(BaseModel):
    email: str
    name: Annotated[str, Field(examples=["Ada Lovelace"])]
    id: UserId
    created_at: datetime
    token: Token


class LoggedOut(BaseModel):
    message: Annotated[str, Field(examples=["Successfully logged out"])]


class Welcome(BaseModel):
    message: Annotated[str, Field(examples=["Welcome to the Todo API"])]


class Health(BaseModel):
    status: Annotated[str, Field(examples=["healthy"])]
    service: Annotated[str, Field(examples=["todo-backend"])]
