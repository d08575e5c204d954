"""How far has each read model got, for the command line and for health?"""

from datetime import datetime
from uuid import UUID

import msgspec

from projections.database import Pool


class Status(msgspec.Struct, frozen=True):
    """`parked` counts the events that it could not take."""

    projection: str
    version: int
    log_id: UUID
    position: int
    updated_at: datetime
    parked: int


async def statuses(pool: Pool) -> list[Status]:
    """Of the copies that serve; a projection that never ran is absent."""
    async with pool.connection() as connection:
        rows = await connection.fetch(
            "SELECT projection, version, log_id, position, updated_at,"
            " (SELECT count(*) FROM dead_letters d"
            "  WHERE d.projection = c.projection AND d.copy = c.copy)"
            " FROM checkpoints c WHERE serves ORDER BY projection"
        )
    return [Status(*row.values()) for row in rows]
