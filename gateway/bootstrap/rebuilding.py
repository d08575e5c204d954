"""`tasktrail rebuild`: read models built anew while the old ones serve."""

import sys
from collections.abc import Sequence

from gateway.bootstrap.processes import CommandFailed
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import open_log, prepare_database
from infra.settings import Settings
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from projections.table import Projection


def chosen(names: Sequence[str]) -> list[Projection]:
    """All of them for no name."""
    known = {projection.name: projection for projection in PROJECTIONS}
    for name in names:
        if name not in known:
            raise CommandFailed(f"there is no projection {name}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(PROJECTIONS)


async def rebuild_all(settings: Settings, projections: Sequence[Projection]) -> dict[str, int]:
    """The position that each new copy was switched at."""
    await prepare_database(settings)
    done: dict[str, int] = {}
    async with open_log(settings) as log:
        head = await log.reader.head()
        for projection in projections:
            with Progress(projection.name, head, unit="events", to=sys.stderr) as progress:
                checkpoint = await rebuild(
                    log.pool, projection, log.reader, on_progress=progress.at
                )
            done[projection.name] = checkpoint.position
    return done
