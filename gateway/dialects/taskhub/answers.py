"""What TaskHub's clients read, as its document describes it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.dialects.taskhub.wire import Priority, Status

Colour = Annotated[str, Field(examples=["#3B82F6"])]


class UserResponse(BaseModel):
    id: UUID
    email: str
    username: str
    full_name: str
    avatar_url: str | None
    is_active: Annotated[bool, Field(examples=[True])]
    created_at: datetime


class TokenResponse(BaseModel):
    access_token: str
    token_type: Literal["bearer"]
    user: UserResponse


class TagResponse(BaseModel):
    id: UUID
    name: str
    color: Colour
    created_at: datetime


class FileResponse(BaseModel):
    id: UUID
    filename: str
    original_filename: str
    content_type: Annotated[str, Field(examples=["image/png"])]
    size: int
    created_at: datetime


class CommentResponse(BaseModel):
    id: UUID
    content: str
    content_html: str
    task_id: UUID
    user_id: UUID | None
    author: UserResponse | None
    is_deleted: bool
    created_at: datetime
    updated_at: datetime


class TaskResponse(BaseModel):
    id: UUID
    title: str
    description: str | None
    status: Status
    priority: Priority
    start_date: datetime | None
    due_date: datetime | None
    notify_overdue: bool
    is_deleted: bool
    created_by: UUID | None
    assigned_to: UUID | None
    creator: UserResponse | None
    assignee: UserResponse | None
    tags: list[TagResponse]
    files: list[FileResponse]
    comments: list[CommentResponse]
    created_at: datetime
    updated_at: datetime


class TaskListResponse(BaseModel):
    tasks: list[TaskResponse]
    total: int
    page: int
    page_size: int
    total_pages: int


class ByPriority(BaseModel):
    """Only those that there are."""

    low: int = 0
    medium: int = 0
    high: int = 0
    urgent: int = 0


class ByStatus(BaseModel):
    todo: int
    in_progress: int
    completed: int
    overdue: int


class OverviewResponse(BaseModel):
    total_tasks: int
    todo: int
    in_progress: int
    completed: int
    overdue: int
    by_priority: ByPriority
    by_status: ByStatus


class PerformanceResponse(BaseModel):
    user_id: UUID
    username: str
    full_name: str
    total_assigned: int
    completed: int
    in_progress: int
    completion_rate: Annotated[float, Field(examples=[66.7])]


class TrendResponse(BaseModel):
    date: date
    created: int
    completed: int


class NotificationResponse(BaseModel):
    id: UUID
    user_id: UUID
    task_id: UUID | None
    type: Literal["task_assigned", "comment_added", "task_overdue"]
    title: str
    message: str
    is_read: bool
    created_at: datetime


class NotificationListResponse(BaseModel):
    notifications: list[NotificationResponse]
    unread_count: int


class Done(BaseModel):
    status: Annotated[str, Field(examples=["ok"])]
    message: Annotated[str, Field(examples=["All notifications marked as read"])]


class Health(BaseModel):
    status: Annotated[str, Field(examples=["ok"])]
    app: Annotated[str, Field(examples=["TaskHub"])]
    version: Annotated[str, Field(examples=["1.0.0"])]
