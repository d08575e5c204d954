"""`tasktrail status`: how far each part has got."""

import asyncio
from typing import Any

import msgspec

from gateway.bootstrap.services import Log, make_stream, open_log
from infra.nats import FAILED
from infra.settings import Settings

_PROJECTIONS = """
    SELECT projection, version, position, updated_at,
        (SELECT count(*) FROM dead_letters d
         WHERE d.projection = c.projection AND d.copy = c.copy) AS parked
    FROM checkpoints c WHERE serves ORDER BY projection
"""


class ProjectionStatus(msgspec.Struct, frozen=True):
    """`lag` counts events behind the head, `parked` those in the dead letters."""

    version: int
    position: int
    lag: int
    parked: int


class Status(msgspec.Struct, frozen=True):
    """`stream` is the position that JetStream has; None while NATS is away."""

    log_id: str
    head: int
    stream: int | None
    projections: dict[str, ProjectionStatus]

    @property
    def healthy(self) -> bool:
        """Dead letters wait for somebody, but everything else goes on beside them."""
        return self.stream is not None


async def status(settings: Settings) -> Status:
    async with open_log(settings) as log:
        head = await log.reader.head()
        rows = await log.pool.fetch(_PROJECTIONS)
        return Status(
            log_id=str(log.log_id),
            head=head,
            stream=await _stream_position(log),
            projections={row["projection"]: _projection(row, head) for row in rows},
        )


def _projection(row: Any, head: int) -> ProjectionStatus:
    lag = max(0, head - row["position"])
    return ProjectionStatus(row["version"], row["position"], lag, row["parked"])


async def _stream_position(log: Log) -> int | None:
    try:
        async with asyncio.timeout(2):
            await log.nats.wait_connected()
            return await make_stream(log).last_position()
    except FAILED:
        return None
