"""The mail policy of a worker: who is told of what happens, by mail."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from commands.handler import Handler
from commands.imports.catalog import MOVED_IN
from events.envelope import Recorded
from events.notices import NOTICED, notices_of
from gateway.bootstrap.services import Log
from gateway.mails import Mails
from infra.clock import utc_now
from infra.leases import Lease
from infra.mail import Smtp
from infra.outbox import Outbox, owe
from infra.policies import Policy, Reaction, Source
from infra.postgres import PooledConnection
from infra.settings import Settings

# Nobody wants the news of the day before by mail, nor of what only moved in.
_NEWS = timedelta(days=1)


async def send_mails(log: Log, handler: Handler, source: Source) -> None:
    """Until cancelled; one worker does it at a time, and none without a server to send by."""
    smtp = smtp_of(log.settings)
    if smtp is None:
        return
    mails = Mails(
        handler=handler,
        reader=log.reader,
        log_id=log.log_id,
        domain=smtp.sender.rpartition("@")[2].rstrip(">"),
        task_url=log.settings.task_url,
    )
    outbox = Outbox(log.pool, compose=mails.compose, send=smtp.send)

    def react(events: Sequence[Recorded]) -> Reaction | None:
        owed = owed_for(events)

        async def reaction(connection: PooledConnection) -> None:
            await owe(connection, owed)

        return reaction if owed else None

    policy = Policy(
        "mail", pool=log.pool, log=log.reader, source=source, react=react, done=outbox.owing
    )

    async def both() -> None:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(policy.run(), name="mail policy")
            parts.create_task(outbox.run(), name="outbox")

    await Lease(log.pool, "policy.mail").lead(both)


def owed_for(events: Sequence[Recorded]) -> list[tuple[int, UUID]]:
    """Position and account of each mail; whether it is wanted is asked when it is sent."""
    since = utc_now() - _NEWS
    return [
        (event.position, notice.account)
        for event in events
        if event.topic in NOTICED
        and event.occurred_at > since
        and event.metadata.correlation not in MOVED_IN
        for notice in notices_of(event)
    ]


def smtp_of(settings: Settings) -> Smtp | None:
    if settings.smtp_host is None:
        return None
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=settings.email_from,
    )
