"""How many events a second does a rebuild project, beside reading and unsealing them alone?"""

import time
from collections.abc import Sequence
from statistics import median

from infra.embedded.postgres import EmbeddedPostgres
from infra.reader import LogReader
from projections.catalog import PROJECTIONS
from projections.copies import open_served
from projections.rebuild import PAGE, rebuild
from projections.table import Projection
from tests.benchmarks.figures import Figure, show
from tests.benchmarks.history import fill
from tests.support.log import Log, open_log
from tests.support.servers import reachable_folder

TEAMS, TASKS = 40, 250
ROUNDS = 2
TARGET = 15_000


async def measure() -> Sequence[Figure]:
    rates: dict[str, list[float]] = {projection.name: [] for projection in PROJECTIONS}
    readings: list[float] = []
    with reachable_folder() as folder:
        async with EmbeddedPostgres(folder) as server, open_log(server.url) as log:
            await fill(log, teams=TEAMS, tasks=TASKS)
            for _ in range(ROUNDS):
                readings.append(await read(log.reader))
                for projection in PROJECTIONS:
                    rates[projection.name].append(await rebuilt(log, projection))
    return [figure(name, median(found), median(readings)) for name, found in rates.items()]


def figure(name: str, rate: float, ceiling: float) -> Figure:
    return Figure(
        name=f"rebuild {name}",
        value=rate,
        unit="events/s",
        ceiling=ceiling,
        ceiling_name="reading alone",
        target=f"at least {TARGET:,}",
        reached=rate >= TARGET,
    )


async def read(reader: LogReader) -> float:
    began, position = time.perf_counter(), 0
    while events := await reader.tolerant_after(position, limit=PAGE):
        position = events[-1].position
    return position / (time.perf_counter() - began)


async def rebuilt(log: Log, projection: Projection) -> float:
    """With its indexes, the switch, and passing over the events that do not concern it."""
    await open_served(log.pool, projection, log.log_id)
    began = time.perf_counter()
    checkpoint = await rebuild(log.pool, projection, log.reader)
    return checkpoint.position / (time.perf_counter() - began)


if __name__ == "__main__":
    show(measure)
