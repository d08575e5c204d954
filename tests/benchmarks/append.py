"""How many events a second does the log take, beside pgbench inserting single rows?

Both are durable, on one server, in turns. pgbench inserts the row that an event is, indexes
included, prepared; but without what makes it a log: gapless positions, digests, command records.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from infra.embedded.postgres import PACKAGE, EmbeddedPostgres
from tests.benchmarks.figures import Figure, show
from tests.support.appends import an_append
from tests.support.log import Log, open_log
from tests.support.servers import reachable_folder

CALLERS, CLIENTS = 64, 16
ROUNDS, SECONDS = 5, 3
TARGET = 1.0
STATE, METADATA = 200, 95

TABLE = """
    CREATE TABLE single_rows (LIKE events INCLUDING ALL);
    CREATE SEQUENCE single_row_positions OWNED BY single_rows.notification_id;
    ALTER TABLE single_rows
        ALTER notification_id SET DEFAULT nextval('single_row_positions');
"""
INSERT = f"""
    INSERT INTO single_rows (originator_id, originator_version, topic, state, owner_id,
        occurred_at, recorded_at, metadata, leaf, digest)
    VALUES (uuidv7(), 1, 'task.started', decode(repeat('01', {STATE}), 'hex'), uuidv7(),
        now(), now(), decode(repeat('01', {METADATA}), 'hex'),
        decode(repeat('01', 32), 'hex'), decode(repeat('01', 32), 'hex'));
"""


async def measure() -> Sequence[Figure]:
    """In turns, because the machine is not always equally fast."""
    ours: list[float] = []
    theirs: list[float] = []
    with reachable_folder() as folder:
        async with EmbeddedPostgres(folder) as server, open_log(server.url) as log:
            await log.execute(TABLE)
            for _ in range(ROUNDS):
                ours.append(await appended(log))
                theirs.append(await inserted(server.url))
            grouped = await appended(log, events=10)
    ceiling, value = median(theirs), median(ours)
    return [
        Figure(
            name="append",
            value=value,
            unit="events/s",
            ceiling=ceiling,
            ceiling_name="pgbench single rows",
            target=f"at least {TARGET} x",
            reached=value >= TARGET * ceiling,
        ),
        Figure(
            name="append 10 events a command",
            value=grouped,
            unit="events/s",
            ceiling=ceiling,
            ceiling_name="pgbench single rows",
            target=f"at least {TARGET} x",
            reached=grouped >= TARGET * ceiling,
        ),
    ]


async def appended(log: Log, events: int = 1) -> float:
    """Events a second; each caller sends its next command when the last one is durable."""
    before, since = log.appender.appended, time.monotonic()

    async def call() -> None:
        while time.monotonic() < since + SECONDS:
            await log.appender.append(an_append(count=events, size=STATE))

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return (log.appender.appended - before) / (time.monotonic() - since)


async def inserted(url: str) -> float:
    """Transactions a second, as pgbench reports them."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(INSERT)
        process = await asyncio.create_subprocess_exec(
            str(programs() / "pgbench"),
            *("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(SECONDS)),
            *("-f", str(script), url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    found = re.search(r"tps = ([\d.]+)", output.decode())
    assert found, output.decode()
    return float(found[1])


def programs() -> Path:
    found = find_spec(PACKAGE)
    assert found, "the benchmarks need tasktrail[embedded]"
    assert found.origin
    return Path(found.origin).parent / "pginstall18" / "bin"


if __name__ == "__main__":
    show(measure)
