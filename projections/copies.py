"""The copies of a projection's tables: making one, letting it serve, dropping it."""

from uuid import UUID

import msgspec
from msgspec.structs import replace

from projections.database import HOURS, Connection, Pool, Statements
from projections.table import Projection

_LOCK = 7236483
_COLUMNS = "copy, version, log_id, position, revision, serves"


class Checkpoint(msgspec.Struct, frozen=True):
    """Where a copy stands."""

    copy: int
    version: int
    log_id: UUID
    position: int = 0
    revision: int = 0
    serves: bool = False


def schema_of(projection: Projection, checkpoint: Checkpoint) -> str:
    return f"{projection.name}_v{checkpoint.version}_{checkpoint.copy}"


def statements_of(projection: Projection, checkpoint: Checkpoint) -> list[Statements]:
    schema = schema_of(projection, checkpoint)
    return [Statements(table, schema) for table in projection.tables]


async def serving(connection: Connection, name: str, *, lock: bool = False) -> Checkpoint | None:
    """The checkpoint of the copy that serves; `lock` holds its projector until the commit."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM checkpoints WHERE projection = $1 AND serves"  # noqa: S608
        f"{' FOR UPDATE' if lock else ''}",
        name,
    )
    return Checkpoint(*row.values()) if row else None


async def open_served(pool: Pool, projection: Projection, log_id: UUID) -> Checkpoint:
    """The copy that serves; the very first one is made here, empty, and serves at once."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        found = await serving(connection, projection.name)
        if found is not None:
            return found
        made = await create(connection, projection, log_id, indexes=True)
        await serve(connection, projection, made)
        return replace(made, serves=True)


async def create(
    connection: Connection, projection: Projection, log_id: UUID, *, indexes: bool
) -> Checkpoint:
    """A new empty copy, in the caller's transaction."""
    copy = await connection.fetchval(
        "INSERT INTO checkpoints (projection, copy, version, log_id)"
        " SELECT $1, coalesce(max(copy), 0) + 1, $2, $3 FROM checkpoints WHERE projection = $1"
        " RETURNING copy",
        projection.name,
        projection.version,
        log_id,
    )
    checkpoint = Checkpoint(copy, projection.version, log_id)
    await connection.execute(f"CREATE SCHEMA {schema_of(projection, checkpoint)}")
    for table in statements_of(projection, checkpoint):
        await connection.execute(table.create)
        for index in table.create_indexes if indexes else []:
            await connection.execute(index)
    return checkpoint


async def index(connection: Connection, projection: Projection, checkpoint: Checkpoint) -> None:
    """What a copy that was filled without indexes needs before it may serve."""
    for table in statements_of(projection, checkpoint):
        for statement in table.create_indexes:
            await connection.execute(statement, timeout=HOURS)
        await connection.execute(f"ANALYZE {table.name}", timeout=HOURS)


async def serve(connection: Connection, projection: Projection, checkpoint: Checkpoint) -> None:
    """Point the views at this copy, in the caller's transaction, or raise because a long query
    reads them: waiting would hold up every query behind us."""
    await connection.execute("SET LOCAL lock_timeout = '300ms'")
    old = await serving(connection, projection.name, lock=True)
    for view in await _views_of(connection, schema_of(projection, old)) if old else []:
        await connection.execute(f"DROP VIEW read.{view}")
    await connection.execute(
        "UPDATE checkpoints SET serves = false, revision = revision + 1"
        " WHERE projection = $1 AND serves",
        projection.name,
    )
    await connection.execute(
        "UPDATE checkpoints SET serves = true WHERE projection = $1 AND copy = $2",
        projection.name,
        checkpoint.copy,
    )
    for table in statements_of(projection, checkpoint):
        select = f"SELECT * FROM {table.name}"  # noqa: S608 - our own names
        await connection.execute(f"CREATE VIEW read.{table.view} AS {select}")


async def drop(connection: Connection, projection: Projection, checkpoint: Checkpoint) -> None:
    await connection.execute(
        "DELETE FROM checkpoints WHERE projection = $1 AND copy = $2 AND NOT serves",
        projection.name,
        checkpoint.copy,
    )
    schema = schema_of(projection, checkpoint)
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE", timeout=HOURS)


async def drop_idle(connection: Connection, projection: Projection) -> None:
    """Drop the copies that do not serve: left by a switch, or by a rebuild that was killed."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM checkpoints WHERE projection = $1 AND NOT serves",  # noqa: S608
        projection.name,
    )
    for row in rows:
        await drop(connection, projection, Checkpoint(*row.values()))


async def _views_of(connection: Connection, schema: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT DISTINCT view_name FROM information_schema.view_table_usage"
        " WHERE view_schema = 'read' AND table_schema = $1",
        schema,
    )
    return [row["view_name"] for row in rows]
