"""How many rows of an older system move in a second, read, sealed, written and compared?"""

import time
from collections.abc import Sequence

from infra.embedded.nats import EmbeddedNats
from infra.embedded.postgres import EmbeddedPostgres
from infra.settings import Settings
from tests.benchmarks.figures import Figure, show
from tests.support.api import settings_for
from tests.support.old_systems import HASH, OldSystem, old_system
from tests.support.servers import fresh_database, reachable_folder

PEOPLE, TASKS = 200, 30_000
TARGET = 5_000
FILLED = f"""
    INSERT INTO users (email, password_hash, full_name)
    SELECT 'somebody' || n || '@example.org', '{HASH}', 'Somebody ' || n
    FROM generate_series(1, {PEOPLE}) n;
    INSERT INTO tasks (user_id, title, description, status, created_at, updated_at)
    SELECT n % {PEOPLE} + 1, 'Order ' || n || ' boxes of paper', 'A4, for the second floor.',
        (ARRAY['pending', 'in_progress', 'completed'])[n % 3 + 1],
        timestamp '2024-02-29' + n * interval '1 minute',
        timestamp '2024-02-29' + n * interval '2 minutes'
    FROM generate_series(1, {TASKS}) n
"""


async def measure() -> Sequence[Figure]:
    with reachable_folder() as folder:
        async with (
            EmbeddedPostgres(folder) as server,
            EmbeddedNats(folder) as nats,
            fresh_database(server.url) as url,
            old_system(server.url, "taskflow") as old,
        ):
            await old.execute(FILLED)
            settings = settings_for(url, nats.url)
            first = await moved(old, settings)
            again = await moved(old, settings)
    return [figure("import", first), figure("import what is there", again)]


def figure(name: str, rows: float) -> Figure:
    return Figure(
        name=name,
        value=rows,
        unit="rows/s",
        target=f"at least {TARGET:,}",
        reached=rows >= TARGET,
    )


async def moved(old: OldSystem, settings: Settings) -> float:
    """Rows a second, from the first connection to the last comparison."""
    since = time.monotonic()
    report = await old.move_into(settings)
    assert report.complete, old.said[:5]
    return sum(count.read for count in report.counts) / (time.monotonic() - since)


if __name__ == "__main__":
    show(measure)
