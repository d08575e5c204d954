"""Everything that TaskHub could be asked, for its document."""

from functools import partial
from uuid import UUID

from gateway.dialects.openapi import Operation, System
from gateway.dialects.taskhub import answers, wire

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TASK = "/api/tasks/{task_id}"
_COMMENT = _TASK + "/comments/{comment_id}"
_FILE = _TASK + "/files/{file_id}"
_NO_TASK = {404: "Task not found"}
_NOT_YOURS = {403: "Not authorized"}

_operation = partial(Operation, ids=UUID)
_account = partial(_operation, tag="Authentication")
_task = partial(_operation, tag="Tasks")
_comment = partial(_operation, tag="Comments")
_file = partial(_operation, tag="Files")
_analysis = partial(_operation, tag="Analytics", method="GET", refusals=_NOT_YOURS)
_notification = partial(_operation, tag="Notifications")

TASKHUB_SYSTEM = System(
    name="taskhub",
    title="TaskHub",
    version="1.0.0",
    description="Tasks that everybody who is signed in shares. Updates also arrive by WebSocket at"
    " `/ws/{token}`.",
    operations=(
        _account(
            method="POST",
            path="/api/auth/register",
            summary="Register a new user",
            status=201,
            body=wire.Register,
            answer=answers.TokenResponse,
            refusals={400: "Email or username already exists"},
            secured=False,
        ),
        _account(
            method="POST",
            path="/api/auth/login",
            summary="Login",
            body=wire.Login,
            answer=answers.TokenResponse,
            refusals={401: "Invalid email or password"},
            secured=False,
        ),
        _account(
            method="GET",
            path="/api/auth/me",
            summary="Get the current user",
            answer=answers.UserResponse,
        ),
        _account(
            method="PUT",
            path="/api/auth/me",
            summary="Update name or avatar",
            body=wire.Profile,
            answer=answers.UserResponse,
        ),
        _account(
            method="GET",
            path="/api/auth/users",
            summary="List all users",
            answer=list[answers.UserResponse],
            refusals=_NOT_YOURS,
        ),
        _task(
            method="POST",
            path="/api/tasks",
            summary="Create a task",
            status=201,
            body=wire.NewTask,
            answer=answers.TaskResponse,
            refusals=_NOT_YOURS,
        ),
        _task(
            method="POST",
            path="/api/tasks/bulk",
            summary="Create several tasks",
            status=201,
            body=wire.NewTasks,
            answer=list[answers.TaskResponse],
            refusals=_NOT_YOURS,
        ),
        _task(
            method="GET",
            path="/api/tasks",
            summary="List tasks",
            query=wire.TaskQuery,
            answer=answers.TaskListResponse,
            refusals=_NOT_YOURS,
        ),
        _task(
            method="GET",
            path=_TASK,
            summary="Get a task",
            answer=answers.TaskResponse,
            refusals=_NO_TASK,
        ),
        _task(
            method="PUT",
            path=_TASK,
            summary="Update a task",
            body=wire.TaskChanges,
            answer=answers.TaskResponse,
            refusals=_NO_TASK,
        ),
        _task(
            method="DELETE",
            path=_TASK,
            summary="Delete a task",
            status=204,
            refusals=_NO_TASK,
        ),
        _comment(
            method="POST",
            path=_TASK + "/comments",
            summary="Add a comment",
            status=201,
            body=wire.NewComment,
            answer=answers.CommentResponse,
            refusals=_NO_TASK,
        ),
        _comment(
            method="GET",
            path=_TASK + "/comments",
            summary="List comments",
            answer=list[answers.CommentResponse],
        ),
        _comment(
            method="PUT",
            path=_COMMENT,
            summary="Update a comment",
            body=wire.NewComment,
            answer=answers.CommentResponse,
            refusals={404: "Comment not found", **_NOT_YOURS},
        ),
        _comment(
            method="DELETE",
            path=_COMMENT,
            summary="Delete a comment",
            status=204,
            refusals={404: "Comment not found", **_NOT_YOURS},
        ),
        _file(
            method="POST",
            path=_TASK + "/files",
            summary="Upload files",
            status=201,
            upload="files",
            many=True,
            answer=list[answers.FileResponse],
            refusals={400: "File type image/svg+xml not allowed", **_NO_TASK},
        ),
        _file(
            method="GET",
            path=_TASK + "/files",
            summary="List files",
            answer=list[answers.FileResponse],
        ),
        _file(
            method="GET",
            path=_FILE,
            summary="Download a file",
            answer="*/*",
            refusals={404: "File not found"},
        ),
        _file(
            method="DELETE",
            path=_FILE,
            summary="Delete a file",
            status=204,
            refusals={404: "File not found", **_NOT_YOURS},
        ),
        _analysis(
            path="/api/analytics/overview",
            summary="Count tasks by status and priority",
            answer=answers.OverviewResponse,
        ),
        _analysis(
            path="/api/analytics/performance",
            summary="Completion rates by user",
            answer=list[answers.PerformanceResponse],
        ),
        _analysis(
            path="/api/analytics/trends",
            summary="Tasks created and completed by day",
            query=wire.TrendQuery,
            answer=list[answers.TrendResponse],
        ),
        _analysis(
            path="/api/analytics/export",
            summary="Export all tasks as a workbook",
            answer=_XLSX,
        ),
        _notification(
            method="GET",
            path="/api/notifications",
            summary="List notifications",
            query=wire.NotificationQuery,
            answer=answers.NotificationListResponse,
        ),
        *(
            _notification(
                method=method,
                path="/api/notifications/{notification_id}/read",
                summary="Mark a notification as read",
                answer=answers.NotificationResponse,
                refusals={404: "Notification not found"},
            )
            for method in ("PUT", "POST")
        ),
        _notification(
            method="POST",
            path="/api/notifications/read-all",
            summary="Mark all notifications as read",
            answer=answers.Done,
        ),
        _notification(
            method="POST",
            path=_TASK + "/notify-overdue",
            summary="Remind of an overdue task",
            answer=answers.NotificationResponse,
            refusals={400: "Task is not overdue", **_NO_TASK},
        ),
        _operation(
            method="GET",
            path="/api/health",
            summary="Health check",
            tag="Health",
            answer=answers.Health,
            secured=False,
        ),
    ),
)
