"""Everything that TaskFlow could be asked, for its document."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pydantic import BaseModel

from gateway.dialects.openapi import Operation, System
from gateway.dialects.taskflow import answers, wire

_AWAY = {
    "detail": "Service unavailable",
    "status": "unhealthy",
    "database": "disconnected",
    "message": "Service unavailable",
}

_account = partial(Operation, tag="authentication", method="POST", secured=False)
_profile = partial(Operation, tag="user", path="/user/profile", answer=answers.UserResponse)
_open = partial(Operation, tag="system", method="GET", secured=False)


def own_things(
    noun: str,
    *,
    new: type[BaseModel],
    changes: type[BaseModel],
    query: type[BaseModel],
    answer: Any,
) -> Iterator[Operation]:
    """Its nouns are asked for alike."""
    every, one = f"/{noun}s", f"/{noun}s/{{{noun}_id}}"
    missing = {404: f"{noun.capitalize()} not found"}
    operation = partial(Operation, tag=f"{noun}s", ids=int, answer=answer)
    yield operation(method="POST", path=every, summary=f"Create a {noun}", status=201, body=new)
    yield operation(
        method="GET", path=every, summary=f"Get all {noun}s", query=query, answer=list[answer]
    )
    yield operation(method="GET", path=one, summary=f"Get a {noun}", refusals=missing)
    yield operation(
        method="PUT", path=one, summary=f"Update a {noun}", body=changes, refusals=missing
    )
    yield operation(
        method="DELETE",
        path=one,
        summary=f"Delete a {noun}",
        status=204,
        answer=None,
        refusals=missing,
    )


TASKFLOW_SYSTEM = System(
    name="taskflow",
    title="TaskFlow Pro API",
    version="1.0.0",
    description="Tasks, notes and posts that each user has alone, with integer ids.",
    operations=(
        _account(
            path="/auth/signup",
            summary="Sign up",
            status=201,
            body=wire.Signup,
            answer=answers.UserResponse,
            refusals={400: "Email already registered"},
        ),
        _account(
            path="/auth/login",
            summary="Login",
            body=wire.Login,
            answer=answers.Token,
            refusals={401: "Incorrect email or password"},
        ),
        _profile(method="GET", summary="Get the profile"),
        _profile(
            method="PUT",
            summary="Update the profile",
            body=wire.ProfileChanges,
            refusals={400: "Email already in use"},
        ),
        *own_things(
            "task",
            new=wire.NewTask,
            changes=wire.TaskChanges,
            query=wire.TaskQuery,
            answer=answers.TaskResponse,
        ),
        *own_things(
            "note",
            new=wire.NewNote,
            changes=wire.NoteChanges,
            query=wire.NoteQuery,
            answer=answers.NoteResponse,
        ),
        *own_things(
            "post",
            new=wire.NewPost,
            changes=wire.PostChanges,
            query=wire.PostQuery,
            answer=answers.PostResponse,
        ),
        _open(path="/health", summary="Health check", answer=answers.Health, refusals={503: _AWAY}),
        _open(path="/", summary="Welcome", answer=answers.Welcome),
    ),
)
