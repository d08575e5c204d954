"""Every dialect: an older system's wire contract under its own prefix."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router
from litestar.exceptions import HTTPException

from gateway.dialects.fastapi import on_http_exception, with_message
from gateway.dialects.manners import (
    Manners,
    plain_manners,
    taskhub_manners,
    taskmanager_manners,
)
from gateway.dialects.mounts import first_of
from gateway.dialects.openapi import System
from gateway.dialects.pages import documented
from gateway.dialects.phase3.operations import PHASE3_SYSTEM
from gateway.dialects.phase3.routes import PHASE3
from gateway.dialects.taskflow.operations import TASKFLOW_SYSTEM
from gateway.dialects.taskflow.routes import TASKFLOW
from gateway.dialects.taskhub.operations import TASKHUB_SYSTEM
from gateway.dialects.taskhub.routes import TASKHUB
from gateway.dialects.taskmanager.operations import TASKMANAGER_SYSTEM
from gateway.dialects.taskmanager.routes import TASKMANAGER
from gateway.dialects.todo.operations import TODO_SYSTEM
from gateway.dialects.todo.routes import TODO
from infra.settings import Settings

DIALECTS: tuple[Router, ...] = (TASKFLOW, TASKHUB, PHASE3, TASKMANAGER, TODO)
SYSTEMS: tuple[System, ...] = (
    TASKFLOW_SYSTEM,
    TASKHUB_SYSTEM,
    PHASE3_SYSTEM,
    TASKMANAGER_SYSTEM,
    TODO_SYSTEM,
)
DOCUMENTS: tuple[Router, ...] = tuple(documented(system) for system in SYSTEMS)
_NAMES = frozenset(router.path.strip("/") for router in DIALECTS)


def manners_of(settings: Settings) -> Sequence[Manners]:
    return (
        plain_manners("taskflow", settings),
        taskhub_manners(settings),
        plain_manners("phase3", settings),
        taskmanager_manners(settings),
        plain_manners("todo", settings),
    )


def with_dialects(handlers: dict[Any, Any]) -> dict[Any, Any]:
    """The native exception handlers, but a dialect's own words for what lies below its prefix."""
    native, unexpected = handlers[HTTPException], handlers[Exception]

    def on_either(request: Any, error: HTTPException) -> Any:
        if first_of(request.scope["path"]) not in _NAMES:
            return native(request, error)
        if error.status_code >= 500:  # a fault of ours, such as Litestar's own
            return on_anything(request, error)
        return on_http_exception(request, error)

    def on_anything(request: Any, error: Exception) -> Any:
        answer = unexpected(request, error)
        if first_of(request.scope["path"]) not in _NAMES:
            return answer
        return Response(
            with_message({"detail": answer.content["detail"]}),
            status_code=answer.status_code,
            headers=answer.headers,
        )

    return {**handlers, HTTPException: on_either, Exception: on_anything}
