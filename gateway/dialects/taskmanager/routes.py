"""Task Manager, as its frontend knows it."""

from litestar import Router, get

from gateway.dialects.fastapi import EXCEPTION_HANDLERS
from gateway.dialects.taskmanager.accounts import AUTH
from gateway.dialects.taskmanager.asking import ASKING
from gateway.dialects.taskmanager.files import FILES, FILES_OF_TASKS
from gateway.dialects.taskmanager.stats import stats
from gateway.dialects.taskmanager.tags import TAGS_OF_TASKS
from gateway.dialects.taskmanager.tasks import OWN_TASKS


@get("/")
async def root() -> dict[str, str]:
    return {"message": "Task Manager API", "status": "running"}


TASKMANAGER = Router(
    path="/taskmanager",
    route_handlers=[root, AUTH, stats, OWN_TASKS, TAGS_OF_TASKS, FILES_OF_TASKS, FILES],
    dependencies=ASKING,
    exception_handlers=EXCEPTION_HANDLERS,
    include_in_schema=False,
)
