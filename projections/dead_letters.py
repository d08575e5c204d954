"""Events that a read model could not take: which ones, and how they get another chance."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from events.envelope import Recorded
from events.refusals import Conflict, NotFound
from projections.cache import Cache
from projections.copies import Checkpoint, serving
from projections.database import Connection, Pool
from projections.fold import Plan, Poison
from projections.log import Log
from projections.store import RowStore
from projections.table import Projection


class DeadLetter(msgspec.Struct, frozen=True):
    position: int
    projection: str
    stream: UUID
    topic: str
    reason: str
    parked_at: datetime


async def dead_letters(pool: Pool, *, after: int = 0, limit: int = 200) -> list[DeadLetter]:
    """Those of the copies that serve, in the order in which the events happened. A page may be
    longer than `limit`: what several projections parked of one event is not torn apart."""
    async with pool.connection() as connection:
        rows = await connection.fetch(
            "SELECT * FROM ("
            "SELECT d.position, d.projection, d.stream, d.topic, d.reason, d.parked_at"
            " FROM dead_letters d JOIN checkpoints c USING (projection, copy)"
            " WHERE c.serves AND d.position > $1"
            " ORDER BY d.position FETCH FIRST ($2) ROWS WITH TIES"
            ") AS page ORDER BY position, projection",
            after,
            limit,
        )
    return [DeadLetter(*row.values()) for row in rows]


async def replay(pool: Pool, projection: Projection, log: Log, stream: UUID) -> int:
    """Project the stream's parked events after all, all or none; how many they were.

    Raises `Conflict` if one of them still cannot be projected, `NotFound` if none is parked.
    """
    async with pool.connection() as connection, connection.transaction():
        served = await serving(connection, projection.name, lock=True)
        if served is None or served.version != projection.version or served.log_id != log.log_id:
            raise Conflict(f"the projection {projection.name} is not up to date: start a worker")
        positions = await _take(connection, projection, served, stream)
        if not positions:
            raise NotFound(f"{projection.name} has parked no event of the stream {stream}")
        events = [event for at in positions for event in await _at(log, at)]
        await _project(connection, projection, served, events)
        # The projector holds rows and parked streams in memory: it must look again.
        await connection.execute(
            "UPDATE checkpoints SET revision = revision + 1 WHERE projection = $1 AND copy = $2",
            projection.name,
            served.copy,
        )
    return len(events)


async def _take(
    connection: Connection, projection: Projection, served: Checkpoint, stream: UUID
) -> list[int]:
    rows = await connection.fetch(
        "DELETE FROM dead_letters WHERE projection = $1 AND copy = $2 AND stream = $3"
        " RETURNING position",
        projection.name,
        served.copy,
        stream,
    )
    return sorted(row["position"] for row in rows)


async def _at(log: Log, position: int) -> Sequence[Recorded]:
    return await log.tolerant_after(position - 1, limit=1, up_to=position)


async def _project(
    connection: Connection, projection: Projection, served: Checkpoint, events: list[Recorded]
) -> None:
    nothing_known = [Cache(table, 0) for table in projection.tables]
    try:
        plan = Plan(projection, events, set(), nothing_known)
        await RowStore(projection, served).project(connection, plan)
    except Poison as error:
        raise Conflict(f"it still cannot be projected: {error}", code="still-poison") from error
    for letter in plan.letters:
        raise Conflict(f"it still cannot be read: {letter.reason}", code="still-poison")
