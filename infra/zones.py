"""Does Postgres know the time zones that we do?"""

from collections.abc import Iterable

from infra.postgres import Pool

_UNKNOWN = """
SELECT zone FROM unnest($1::text[]) AS zone EXCEPT SELECT name FROM pg_timezone_names ORDER BY 1
"""


async def unknown_zones(pool: Pool, zones: Iterable[str]) -> list[str]:
    """Those in which it cannot say when a day ends. Some packages of it lack the older names."""
    async with pool.connection() as connection:
        return [row[0] for row in await connection.fetch(_UNKNOWN, list(zones))]
