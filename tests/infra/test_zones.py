"""Are time zones found that only we know?"""

from events.zones import known_zones
from infra.zones import unknown_zones
from tests.support.log import open_log


async def test_a_zone_that_postgres_lacks_is_named(database: str) -> None:
    async with open_log(database) as log:
        asked = ["Europe/Rome", "Mars/Olympus", "US/Pacific", "Mars/Base"]
        assert await unknown_zones(log.pool, asked) == ["Mars/Base", "Mars/Olympus"]


async def test_the_embedded_server_knows_all_that_we_do(database: str) -> None:
    async with open_log(database) as log:
        assert await unknown_zones(log.pool, known_zones()) == []
