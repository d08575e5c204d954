"""Which stored objects does nothing on the record speak of any more?

An object's key is the id of the stream that announces it, so the log alone decides: no read
model, which may be behind, is asked.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from infra.objects import Listed, Objects
from infra.postgres import Pool

# An upload takes minutes at most, so an hour later its event is there or never will be.
GRACE = timedelta(hours=1)
ENDED = frozenset({"attachment.removed", "export.failed", "export.cancelled", "export.expired"})
_LAST = """
    SELECT DISTINCT ON (originator_id) originator_id, topic FROM events
    WHERE originator_id = ANY ($1::uuid[]) ORDER BY originator_id, originator_version DESC
"""
_log = logging.getLogger(__name__)


async def sweep(
    objects: Objects, pool: Pool, log_id: UUID, *, grace: timedelta = GRACE
) -> list[UUID]:
    """Removes them; answers which. Raises `Unavailable`."""
    if not await objects.belongs_to(log_id):
        _log.warning(
            "the bucket belongs to another log: nothing is swept. If that log is gone for good,"
            " remove the bucket's object named log-id"
        )
        return []
    removed = []
    async for page in objects.listed():
        old = [each for each in page if each.modified < datetime.now(UTC) - grace]
        for key in await _orphans(pool, old):
            await objects.remove(key)
            removed.append(key)
    return removed


async def _orphans(pool: Pool, listed: Sequence[Listed]) -> list[UUID]:
    rows = await pool.fetch(_LAST, [each.key for each in listed]) if listed else []
    last = {row["originator_id"]: row["topic"] for row in rows}
    return [each.key for each in listed if last.get(each.key) in (None, *ENDED)]
