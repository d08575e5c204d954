"""Everything that Task Manager could be asked, for its document."""

from functools import partial
from typing import Any

from gateway.dialects.openapi import Operation, System
from gateway.dialects.taskmanager import answers, wire, words

_TASK, _FILES = "/tasks/{task_id}", ("/files/{file_id}", "/files/files/{file_id}")
_EMPTY = "No fields provided for update"
_NO_TASK: dict[int, Any] = {
    403: words.not_your_task().body,
    404: words.task_not_found(9).body,
}
_LIMITED: dict[int, Any] = {429: words.too_many("5 per 1 minute").body}

_account = partial(Operation, tag="authentication", method="POST", secured=False)
_task = partial(Operation, tag="tasks", ids=int, answer=answers.TaskResponse)
_file = partial(Operation, tag="files", ids=int)

TASKMANAGER_SYSTEM = System(
    name="taskmanager",
    title="Task Manager API",
    version="0.1.0",
    description="Tasks that each user has alone, with integer ids, tags and files.",
    operations=(
        _account(
            path="/auth/register",
            summary="Register user",
            status=201,
            body=wire.Register,
            answer=answers.UserResponse,
            refusals={409: words.taken("username", "ada").body, **_LIMITED},
        ),
        _account(
            path="/auth/login",
            summary="Login user",
            body=wire.Login,
            answer=answers.TokenResponse,
            refusals={401: words.bad_login().body, **_LIMITED},
        ),
        _task(
            method="GET",
            path="/tasks",
            summary="Get all tasks",
            query=wire.TaskQuery,
            answer=list[answers.TaskResponse],
        ),
        _task(
            method="POST",
            path="/tasks",
            summary="Create task",
            status=201,
            body=wire.NewTask,
            refusals=_LIMITED,
        ),
        _task(
            method="GET", path="/tasks/stats", summary="Get task stats", answer=answers.TaskStats
        ),
        _task(
            method="PATCH",
            path="/tasks/bulk",
            summary="Bulk update tasks",
            body=wire.BulkChanges,
            answer=list[answers.TaskResponse],
            refusals={400: _EMPTY, 404: "Tasks not found: [777]"},
        ),
        _task(method="GET", path=_TASK, summary="Get task", refusals=_NO_TASK),
        _task(
            method="PATCH",
            path=_TASK,
            summary="Update task",
            body=wire.TaskChanges,
            refusals={400: _EMPTY, **_NO_TASK},
        ),
        _task(
            method="DELETE",
            path=_TASK,
            summary="Delete task",
            status=204,
            answer=None,
            refusals=_NO_TASK,
        ),
        _task(
            method="POST",
            path=f"{_TASK}/tags",
            summary="Add tags",
            body=list[str],
            refusals=_NO_TASK,
        ),
        _task(
            method="DELETE",
            path=f"{_TASK}/tags/{{tag}}",
            summary="Remove tag",
            refusals=_NO_TASK,  # of a tag it says which one, too
        ),
        _file(
            method="POST",
            path=f"{_TASK}/files",
            summary="Upload file",
            status=201,
            upload="file",
            answer=answers.FileUploadResponse,
            refusals={400: "File too large. Max size: 10.0 MB", **_NO_TASK, **_LIMITED},
        ),
        _file(
            method="GET",
            path=f"{_TASK}/files",
            summary="List task files",
            answer=list[answers.TaskFileInfo],
            refusals=_NO_TASK,
        ),
        *(
            _file(
                method="GET",
                path=path,
                summary="Download file",
                answer="*/*",
                refusals={
                    403: "You do not have permission to download this file",
                    404: "File with ID 9 not found",
                },
            )
            for path in _FILES
        ),
        *(
            _file(
                method="DELETE",
                path=path,
                summary="Delete file",
                status=204,
                refusals={
                    403: "You do not have permission to delete this file",
                    404: "File with ID 9 not found",
                },
            )
            for path in _FILES
        ),
        Operation(
            method="GET",
            path="/",
            summary="Root",
            tag="health",
            answer=answers.Running,
            secured=False,
        ),
    ),
)
