"""Phase 3, as its frontends know it; its chat is not here."""

from litestar import Router, get

from gateway.dialects.fastapi import EXCEPTION_HANDLERS
from gateway.dialects.phase3.accounts import ACCOUNTS_V1
from gateway.dialects.phase3.asking import ASKING
from gateway.dialects.phase3.tasks import OWN_TASKS, OWN_TASKS_V1


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy", "service": "todo-backend"}


@get("/")
async def welcome() -> dict[str, str]:
    return {"message": "Welcome to the Todo API"}


PHASE3 = Router(
    path="/phase3",
    route_handlers=[welcome, health, ACCOUNTS_V1, OWN_TASKS_V1, OWN_TASKS],
    dependencies=ASKING,
    exception_handlers=EXCEPTION_HANDLERS,
    include_in_schema=False,
)
