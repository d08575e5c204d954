"""The rows of one copy: looked up for a batch, and written back with one statement a table."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from msgspec.structs import astuple

from projections.copies import Checkpoint, statements_of
from projections.database import Connection, Statements, array_text
from projections.fold import Letter, Plan, Poison, reason_of
from projections.table import Key, Projection, Row

# The database refuses this very value, so it would refuse it again.
_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
)


class RowStore:
    def __init__(self, projection: Projection, checkpoint: Checkpoint) -> None:
        self._projection = projection
        self._copy = checkpoint.copy
        self._statements = statements_of(projection, checkpoint)

    async def project(self, connection: Connection, plan: Plan) -> None:
        """Raises `Poison` if an event does not pass, or a row that it makes."""
        for n, missing in enumerate(plan.missing):
            if missing:
                plan.before[n].update(await self._load(connection, n, missing))
        plan.run()
        try:
            for n, statements in enumerate(self._statements):
                if written := plan.written(n):
                    await connection.execute(statements.write, *_columns(written, statements))
                if deleted := plan.deleted(n):
                    await connection.execute(statements.delete, *zip(*deleted, strict=True))
        except _REFUSED as error:
            raise Poison(reason_of(error)) from error

    async def park(self, connection: Connection, letters: Sequence[Letter]) -> None:
        if not letters:
            return
        events = [letter.recorded for letter in letters]
        await connection.execute(
            "INSERT INTO dead_letters (projection, copy, position, stream, topic, reason)"
            " SELECT $1, $2, * FROM unnest($3::bigint[], $4::uuid[], $5::text[], $6::text[])",
            self._projection.name,
            self._copy,
            [event.position for event in events],
            [event.stream for event in events],
            [event.topic for event in events],
            [letter.reason for letter in letters],
        )

    async def _load(self, connection: Connection, n: int, keys: list[Key]) -> dict[Key, Row]:
        table, statements = self._projection.tables[n], self._statements[n]
        records = await connection.fetch(statements.load, *zip(*keys, strict=True))
        rows = [_row(table.row, record, statements.arrays) for record in records]
        return {table.key_of(row): row for row in rows}


def _columns(rows: list[Row], statements: Statements) -> list[Any]:
    columns: list[Any] = list(zip(*map(astuple, rows), strict=True))
    for n in statements.arrays:
        columns[n] = [array_text(values) for values in columns[n]]
    return columns


def _row(kind: type[Row], record: asyncpg.Record, arrays: list[int]) -> Row:
    values = list(record.values())
    for n in arrays:
        values[n] = tuple(values[n])
    return kind(*values)
