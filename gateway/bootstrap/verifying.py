"""`tasktrail verify`: is the log what it was, and do the read models follow from it?"""

import sys
from collections.abc import AsyncIterator

from gateway.bootstrap.files import files_unlike_their_record
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import Log, open_log, prepare_database
from infra.settings import Settings
from infra.verify import verify_log
from projections.catalog import PROJECTIONS
from projections.table import Projection
from projections.verify import verify


async def findings(settings: Settings) -> AsyncIterator[str]:
    """A line for each thing that does not fit; nothing when all does. Writes may go on."""
    await prepare_database(settings)
    async with open_log(settings) as log:
        with Progress("log", await log.reader.head(), unit="events", to=sys.stderr) as progress:
            async for finding in verify_log(
                log.pool,
                keys=log.keys,
                retention_days=settings.command_record_days,
                progress=progress.at,
            ):
                place = "" if finding.position is None else f" at position {finding.position}"
                yield f"log: {finding.problem}{place}: {finding.detail}"
        for projection in PROJECTIONS:
            async for line in _compared(log, projection):
                yield line
        async for line in files_unlike_their_record(log):
            yield line


async def _compared(log: Log, projection: Projection) -> AsyncIterator[str]:
    with Progress(projection.name, 0, unit="events", to=sys.stderr) as progress:
        found = await verify(log.pool, projection, log.reader, on_progress=progress.at)
    for difference in found.differences:
        key = ", ".join(map(str, difference.key))
        columns = ", ".join(difference.columns)
        yield f"{projection.name}: {difference.table} ({key}) differs in {columns}"
    if found.differing > len(found.differences):
        yield f"{projection.name}: {found.differing} rows differ in all"
