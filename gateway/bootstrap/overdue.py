"""The overdue scheduler of a worker."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID

from commands.handler import Handler
from commands.scheduler import Due, OverdueScheduler
from gateway.bootstrap.services import Log, served
from infra.clock import utc_now
from infra.leases import Lease
from queries.database import Database
from queries.deadlines import next_deadline, passed_deadlines

# What due moments depend on.
_HEEDED = ("tasks", "workspaces")


async def announce_overdue(log: Log, handler: Handler) -> None:
    """Until cancelled; one worker does it at a time."""
    scheduler = OverdueScheduler(
        deadlines=Deadlines(log.pool), handler=handler, log_id=log.log_id, clock=utc_now
    )

    def heard(subject: str, position: int) -> None:
        scheduler.changed()

    async with AsyncExitStack() as stack:
        for name in _HEEDED:
            subject = f"{log.settings.subject_prefix}.hints.projected.{name}"
            await stack.enter_async_context(log.nats.listening(subject, heard))

        async def announcing() -> None:
            await served(log, *_HEEDED, "inbox")
            await scheduler.run()

        await Lease(log.pool, "policy.overdue").lead(announcing)


class Deadlines:
    """The read models, as the scheduler asks them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def passed(
        self, now: datetime, since: datetime, after: UUID | None, limit: int
    ) -> Sequence[Due]:
        rows = await passed_deadlines(
            self._database, now=now, since=since, after=after, limit=limit
        )
        return [
            Due(task, workspace, due_on, due_at, moment, (task_version, workspace_version))
            for task, workspace, due_on, due_at, moment, task_version, workspace_version in rows
        ]

    async def next(self, now: datetime, before: datetime) -> datetime | None:
        return await next_deadline(self._database, now=now, before=before)
