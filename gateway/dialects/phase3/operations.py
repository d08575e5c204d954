"""Everything that Phase 3 could be asked, for its document."""

from collections.abc import Iterator
from functools import partial

from gateway.dialects.openapi import Operation, System
from gateway.dialects.phase3 import answers, wire
from gateway.dialects.phase3.words import (
    BAD_LOGIN,
    NOT_YOURS,
    TAKEN,
    TASK_NOT_FOUND,
    UPDATE_FAILED,
)

_account = partial(Operation, tag="auth")
_open = partial(Operation, tag="health", method="GET", secured=False)


def tasks_below(path: str, list_path: str, tag: str) -> Iterator[Operation]:
    """The same six stand in two places."""
    one = f"{path}/{{task_id}}"
    operation = partial(Operation, tag=tag, answer=answers.TaskRead)
    yours, found = {403: NOT_YOURS}, {403: NOT_YOURS, 404: TASK_NOT_FOUND}
    yield operation(
        method="POST",
        path=list_path,
        summary="Create a task",
        status=201,
        body=wire.NewTask,
        refusals=yours,
    )
    yield operation(
        method="GET",
        path=list_path,
        summary="Get all tasks of a user",
        query=wire.TaskQuery,
        answer=list[answers.TaskRead],
        refusals=yours,
    )
    yield operation(method="GET", path=one, summary="Get a task", refusals=found)
    yield operation(
        method="PUT",
        path=one,
        summary="Update a task",
        body=wire.TaskChanges,
        refusals={400: UPDATE_FAILED, **found},
    )
    yield operation(
        method="DELETE", path=one, summary="Delete a task", status=204, answer=None, refusals=found
    )
    yield operation(
        method="PATCH", path=f"{one}/toggle", summary="Toggle completion", refusals=found
    )


PHASE3_SYSTEM = System(
    name="phase3",
    title="Todo API",
    version="1.0.0",
    description="Tasks that each user has alone. The user in a path is the one of the token.",
    document="/api/openapi.json",
    pages=("/api/docs", "/api/redoc"),
    operations=(
        _account(
            method="POST",
            path="/api/v1/register",
            summary="Register a new user",
            body=wire.Register,
            answer=answers.UserResponse,
            refusals={409: TAKEN},
            secured=False,
        ),
        _account(
            method="POST",
            path="/api/v1/login",
            summary="Login",
            body=wire.Login,
            answer=answers.UserResponse,
            refusals={401: BAD_LOGIN},
            secured=False,
        ),
        _account(
            method="POST",
            path="/api/v1/logout",
            summary="Logout",
            answer=answers.LoggedOut,
            secured=False,
        ),
        _account(
            method="GET",
            path="/api/v1/profile",
            summary="Get the current user",
            answer=answers.UserResponse,
        ),
        *tasks_below("/api/{user_id}", "/api/{user_id}/", "tasks"),
        *tasks_below("/api/v1/users/{user_id}/tasks", "/api/v1/users/{user_id}/tasks", "tasks v1"),
        _open(path="/health", summary="Health check", answer=answers.Health),
        _open(path="/", summary="Welcome", answer=answers.Welcome),
    ),
)
