"""Does a read model equal a replay from scratch to the same position, row by row?"""

from typing import Any

import msgspec

from events.refusals import Conflict
from projections.copies import Checkpoint, schema_of, serving
from projections.database import HOURS, Connection, Pool, Statements
from projections.log import Log
from projections.rebuild import Progress, fill, fresh_copy, quiet
from projections.table import Projection, Table

SHOWN = 100


class Difference(msgspec.Struct, frozen=True):
    """`columns` are those that differ; all of them for a row that is only on one side."""

    table: str
    key: tuple[Any, ...]
    columns: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """What came out at `position`. `differing` counts them all, `differences` shows the first."""

    projection: str
    position: int
    rows: int
    differing: int
    differences: tuple[Difference, ...]


async def verify(
    pool: Pool, projection: Projection, log: Log, *, on_progress: Progress = quiet
) -> Comparison:
    """Writes may go on: what serves is copied together with its checkpoint, and the replay is
    brought to that very position. Raises `Conflict` while it is rebuilt or out of date."""
    async with fresh_copy(pool, projection, log) as replayed:
        async with pool.connection() as connection:
            served = await _demand_current(connection, projection, log)
        await fill(replayed, log, served.position, on_progress=on_progress)
        schema = schema_of(projection, replayed.checkpoint)
        async with pool.connection() as connection:
            served = await _pin(connection, projection, log, schema)
        await fill(replayed, log, served.position, on_progress=on_progress)
        async with pool.connection() as connection:
            return await _compare(connection, projection, served.position, schema)


async def _demand_current(connection: Connection, projection: Projection, log: Log) -> Checkpoint:
    served = await serving(connection, projection.name)
    if served is None or served.version != projection.version or served.log_id != log.log_id:
        raise Conflict(f"the projection {projection.name} is not up to date: start a worker")
    return served


async def _pin(connection: Connection, projection: Projection, log: Log, schema: str) -> Checkpoint:
    """Rows and checkpoint of one moment; the snapshot is open only as long as the copying."""
    async with connection.transaction(isolation="repeatable_read"):
        served = await _demand_current(connection, projection, log)
        for table in projection.tables:
            source = f"{schema_of(projection, served)}.{table.name}"
            await connection.execute(
                f"CREATE UNLOGGED TABLE {_pinned(table, schema)} AS SELECT * FROM {source}",  # noqa: S608
                timeout=HOURS,
            )
    return served


async def _compare(
    connection: Connection, projection: Projection, position: int, schema: str
) -> Comparison:
    rows = differing = 0
    shown: list[Difference] = []
    for table in projection.tables:
        name = Statements(table, schema).name
        rows += await connection.fetchval(f"SELECT count(*) FROM {name}", timeout=HOURS)  # noqa: S608
        records = await connection.fetch(_comparing(table, name, schema), timeout=HOURS)
        differing += records[0]["differing"] if records else 0
        width = len(table.key)
        shown += [
            Difference(table.name, tuple(record)[:width], tuple(record["columns"]))
            for record in records
        ]
    return Comparison(projection.name, position, rows, differing, tuple(shown[:SHOWN]))


def _comparing(table: Table[Any], replayed: str, schema: str) -> str:
    key = ", ".join(table.key)
    differs = [f"served.{name} IS DISTINCT FROM replayed.{name}" for name in table.columns]
    one_sided = " OR ".join(f"{side}.{table.key[0]} IS NULL" for side in ("served", "replayed"))
    columns = ", ".join(
        f"CASE WHEN {one_sided} OR {differ} THEN '{name}' END"
        for name, differ in zip(table.columns, differs, strict=True)
    )
    return (
        f"SELECT {key}, array_remove(ARRAY[{columns}], NULL) AS columns,"  # noqa: S608
        " count(*) OVER () AS differing"
        f" FROM {_pinned(table, schema)} served FULL JOIN {replayed} replayed USING ({key})"
        f" WHERE {' OR '.join(differs)} ORDER BY {key} LIMIT {SHOWN}"
    )


def _pinned(table: Table[Any], schema: str) -> str:
    return f"{schema}.served_{table.name}"
