"""The live stream of an API process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from events.cloud import receive_cloud_event
from gateway.auth import Auth
from gateway.bootstrap.services import Log
from gateway.live.service import Live
from gateway.live.tail import Tail
from infra.source import EventSource
from queries.access import Accesses


def make_tail(log: Log) -> Tail:
    prefix = log.settings.subject_prefix
    source = EventSource(log.nats, log.reader, receive_cloud_event, prefix=prefix)
    return Tail(log.reader, source)


@asynccontextmanager
async def open_live(log: Log, tail: Tail, auth: Auth, accesses: Accesses) -> AsyncIterator[Live]:
    """Follows the log meanwhile; `auth` hears of every event."""
    tail.listeners.append(auth.on_event)
    settings = log.settings
    live = Live(
        tail,
        log.reader,
        auth,
        accesses,
        queue=settings.socket_queue,
        heartbeat_seconds=settings.heartbeat_seconds,
    )
    running = asyncio.create_task(live.run(), name="live")
    try:
        yield live
    finally:
        live.stop()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
