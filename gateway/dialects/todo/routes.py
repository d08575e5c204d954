"""The Todo backend, as its frontend knows it."""

from litestar import Router, get

from gateway.dialects.fastapi import EXCEPTION_HANDLERS
from gateway.dialects.todo.asking import ASKING
from gateway.dialects.todo.tasks import OWN_TASKS
from gateway.dialects.todo.verifying import verify


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy", "service": "todo-api"}


@get("/")
async def welcome() -> dict[str, str]:
    return {"message": "Todo API - Phase 2 Backend", "status": "ready", "version": "0.1.0"}


TODO = Router(
    path="/todo",
    route_handlers=[welcome, health, verify, OWN_TASKS],
    dependencies=ASKING,
    exception_handlers=EXCEPTION_HANDLERS,
    include_in_schema=False,
)
