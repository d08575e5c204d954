"""How long is it remembered what each command did?"""

from typing import cast

from infra.postgres import Pool

# By ctid, so that a batch is found once; what another process deletes meanwhile is skipped.
_DELETE = """
    WITH old AS MATERIALIZED (
        SELECT ctid FROM commands WHERE recorded_at < now() - make_interval(days => $1)
        LIMIT $2 FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM commands WHERE ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING 1
    )
    SELECT count(*) FROM gone
"""


async def delete_old_command_records(pool: Pool, days: int, *, batch: int = 1_000) -> int:
    """Delete the records of commands older than `days`, a batch a transaction; answers how many.

    A command that is repeated later than that is a new one.
    """
    deleted = 0
    while True:
        async with pool.connection() as connection:
            count = cast(int, await connection.fetchval(_DELETE, days, batch))
        deleted += count
        if count < batch:
            return deleted
