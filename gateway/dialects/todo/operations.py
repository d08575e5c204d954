"""Everything that the Todo backend could be asked, for its document."""

from functools import partial
from uuid import UUID

from gateway.dialects.openapi import Operation, System
from gateway.dialects.todo import answers, wire, words

_TASKS = "/api/{user_id}/tasks"
_TASK = _TASKS + "/{task_id}"
_task = partial(Operation, tag="tasks", answer=answers.TaskResponse, ids=UUID)
_open = partial(Operation, tag="health", method="GET", secured=False)
_SEE = {403: words.NOT_YOURS_TO_SEE, 404: words.TASK_NOT_FOUND}
_CHANGE = {403: words.NOT_YOURS_TO_CHANGE, 404: words.TASK_NOT_FOUND}
_DELETE = {403: words.NOT_YOURS_TO_DELETE, 404: words.TASK_NOT_FOUND}

TODO_SYSTEM = System(
    name="todo",
    title="Todo API",
    version="0.1.0",
    description="Tasks that each user has alone. The user in a path is the `sub` of the token.",
    operations=(
        Operation(
            method="POST",
            path="/api/auth/verify",
            summary="Verify a token",
            tag="auth",
            body=wire.Verification,
            answer=answers.VerifyResponse,
        ),
        _task(
            method="POST",
            path=_TASKS,
            summary="Create a task",
            status=201,
            body=wire.NewTask,
            refusals={403: words.NOT_FOR_THIS_USER},
        ),
        _task(
            method="GET",
            path=_TASKS,
            summary="List the user's tasks",
            query=wire.TaskQuery,
            answer=answers.TaskListResponse,
            refusals={403: words.NOT_YOUR_RESOURCE},
        ),
        _task(method="GET", path=_TASK, summary="Get a task", refusals=_SEE),
        *(
            _task(
                method=method,
                path=_TASK,
                summary="Update a task",
                body=wire.TaskChanges,
                refusals=_CHANGE,
            )
            for method in ("PATCH", "PUT")
        ),
        _task(
            method="DELETE",
            path=_TASK,
            summary="Delete a task",
            status=204,
            answer=None,
            refusals=_DELETE,
        ),
        _task(
            method="PATCH",
            path=f"{_TASK}/complete",
            summary="Toggle completion",
            refusals=_CHANGE,
        ),
        Operation(
            method="GET",
            path="/api/{user_id}/tags",
            summary="List the user's tags",
            tag="tags",
            answer=list[answers.TagResponse],
            refusals={403: words.NOT_YOUR_RESOURCE},
        ),
        _open(path="/health", summary="Health check", answer=answers.Health),
        _open(path="/", summary="Welcome", answer=answers.Welcome),
    ),
)
