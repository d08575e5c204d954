"""The store for files: how it is opened, kept tidy and checked."""

import asyncio
import hashlib
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from events.refusals import NotFound, Unavailable
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import Log
from infra.leases import Lease
from infra.objects import Objects
from infra.orphans import sweep
from infra.settings import Settings
from queries.attachments import AttachmentRow, every_attachment

SWEEP_SECONDS = 3600.0
_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_objects(settings: Settings) -> AsyncIterator[Objects]:
    """Nothing is asked of the store yet: it may be away."""
    objects = Objects.of(settings)
    try:
        yield objects
    finally:
        await objects.close()


async def sweep_files(log: Log) -> None:
    """Every hour, by one worker."""
    if log.settings.s3_endpoint_url is None:
        return

    async def sweeping() -> None:
        async with open_objects(log.settings) as objects:
            while True:
                try:
                    if removed := await sweep(objects, log.pool, log.log_id):
                        _log.info("removed %d objects that nothing speaks of", len(removed))
                except (Unavailable, NotFound) as error:
                    _log.warning("objects are swept in an hour: %s", error)
                await asyncio.sleep(SWEEP_SECONDS)

    await Lease(log.pool, "sweep of objects").lead(sweeping)


async def files_unlike_their_record(log: Log) -> AsyncIterator[str]:
    """Every attachment has an object of that size and SHA-256: a line for each that has not."""
    async with open_objects(log.settings) as objects:
        with Progress("attachments", 0, unit="files", to=sys.stderr) as progress:
            done = 0
            async for page in every_attachment(log.pool):
                for row in page:
                    try:
                        problem = await _problem_of(objects, row)
                    except Unavailable as error:
                        yield f"attachments: not checked from {row.id} on: {error}"
                        return
                    if problem:
                        yield f"attachments: {row.id} {problem}"
                    done += 1
                    progress.at(done)


async def _problem_of(objects: Objects, row: AttachmentRow) -> str | None:
    try:
        content = await objects.open(row.object_key)
    except NotFound:
        return f"has no object {row.object_key}"
    digest = hashlib.sha256()
    async with aclosing(content.chunks) as chunks:
        async for chunk in chunks:
            digest.update(chunk)
    if content.size != row.size:
        return f"has an object of {content.size} bytes instead of {row.size}"
    return None if digest.hexdigest() == row.sha256 else "has an object with another SHA-256"
