"""`tasktrail replay`: the log as CloudEvents, a line each (NDJSON)."""

import sys
from collections.abc import AsyncIterator
from typing import TextIO
from uuid import UUID

from events.cloud import encode_cloud_event
from events.envelope import Recorded
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import Log, open_log
from infra.settings import Settings

_PAGE = 1_000


async def replay(
    settings: Settings,
    *,
    after: int,
    up_to: int | None,
    stream: UUID | None,
    out: TextIO | None = None,
) -> int:
    """Print the events with `after` < position ≤ `up_to` (the head at the start, if None), of one
    stream or of all; answers how many."""
    out = out or sys.stdout
    count = 0
    async with open_log(settings) as log:
        goal = await log.reader.head() if up_to is None else up_to
        with Progress("replay", goal - after, unit="events", to=sys.stderr) as progress:
            async for event in _events(log, after, goal, stream):
                out.write(encode_cloud_event(event, log.log_id).decode() + "\n")
                count += 1
                progress.at(event.position - after)
    return count


async def _events(log: Log, after: int, goal: int, stream: UUID | None) -> AsyncIterator[Recorded]:
    if stream is not None:
        for event in await log.reader.stream(stream):
            if after < event.position <= goal:
                yield event
        return
    while page := await log.reader.tolerant_after(after, limit=_PAGE, up_to=goal):
        for event in page:
            yield event
        after = page[-1].position
