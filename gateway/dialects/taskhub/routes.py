"""TaskHub, as its frontend knows it."""

from litestar import Router, get

from gateway.dialects.asking import ASKING
from gateway.dialects.fastapi import EXCEPTION_HANDLERS
from gateway.dialects.taskhub.accounts import ACCOUNTS
from gateway.dialects.taskhub.analytics import ANALYTICS
from gateway.dialects.taskhub.comments import COMMENTS_OF_TASKS
from gateway.dialects.taskhub.files import FILES_OF_TASKS
from gateway.dialects.taskhub.live import LIVE
from gateway.dialects.taskhub.notifications import NOTIFICATIONS, notify_overdue
from gateway.dialects.taskhub.tasks import TASKS


@get("/api/health")
async def health() -> dict[str, str]:
    return {"status": "ok", "app": "TaskHub", "version": "1.0.0"}


TASKHUB = Router(
    path="/taskhub",
    route_handlers=[
        ACCOUNTS,
        TASKS,
        COMMENTS_OF_TASKS,
        FILES_OF_TASKS,
        ANALYTICS,
        NOTIFICATIONS,
        notify_overdue,
        LIVE,
        health,
    ],
    dependencies=ASKING,
    exception_handlers=EXCEPTION_HANDLERS,
    include_in_schema=False,
)
