"""TaskFlow Pro, as its frontend knows it."""

from litestar import Response, Router, get
from litestar.datastructures import State

from gateway.dialects.fastapi import EXCEPTION_HANDLERS, with_message
from gateway.dialects.taskflow.accounts import ACCOUNTS_ROUTES
from gateway.dialects.taskflow.asking import ASKING
from gateway.dialects.taskflow.notes import NOTE_ROUTES
from gateway.dialects.taskflow.posts import POST_ROUTES
from gateway.dialects.taskflow.shown import Json
from gateway.dialects.taskflow.tasks import TASK_ROUTES

AWAY = {
    "detail": "Service unavailable",
    "status": "unhealthy",
    "database": "disconnected",
}


@get("/health")
async def health(state: State) -> Response[Json]:
    if await state.probe.standing() is None:
        return Response(with_message(AWAY), status_code=503, headers={"Retry-After": "1"})
    return Response({"status": "healthy", "database": "connected"})


@get("/")
async def welcome() -> dict[str, str]:
    return {"message": "Dashboard API is running", "version": "1.0.0"}


TASKFLOW = Router(
    path="/taskflow",
    route_handlers=[
        welcome,
        health,
        ACCOUNTS_ROUTES,
        TASK_ROUTES,
        NOTE_ROUTES,
        POST_ROUTES,
    ],
    dependencies=ASKING,
    exception_handlers=EXCEPTION_HANDLERS,
    include_in_schema=False,
)
