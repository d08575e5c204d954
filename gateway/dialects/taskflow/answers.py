"""What TaskFlow's clients read, as its document describes it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Number = Annotated[int, Field(examples=[1_000_000_042])]
Status = Annotated[Literal["pending", "in_progress", "completed"], Field(examples=["pending"])]
Priority = Literal["low", "medium", "high"]


class UserResponse(BaseModel):
    id: Number
    email: str
    full_name: str
    created_at: datetime


class Token(BaseModel):
    access_token: str
    token_type: Literal["bearer"]


class TaskResponse(BaseModel):
    id: Number
    title: str
    description: str | None
    status: Status
    priority: Priority
    due_date: datetime | None
    created_at: datetime
    updated_at: datetime


class NoteResponse(BaseModel):
    id: Number
    title: str
    content: str | None
    category: Annotated[str, Field(examples=["general"])]
    is_favorite: bool
    created_at: datetime
    updated_at: datetime


class PostResponse(BaseModel):
    id: Number
    title: str
    content: str
    status: Annotated[Literal["draft", "published", "archived"], Field(examples=["draft"])]
    tags: list[str]
    view_count: int
    created_at: datetime
    updated_at: datetime


class Health(BaseModel):
    status: Annotated[str, Field(examples=["healthy"])]
    database: Annotated[str, Field(examples=["connected"])]


class Welcome(BaseModel):
    message: Annotated[str, Field(examples=["Dashboard API is running"])]
    version: Annotated[str, Field(examples=["1.0.0"])]
