"""Can an operator see how far the relay is behind, and everything else while NATS is away?"""

from pathlib import Path

import psutil

from gateway.bootstrap.worker import make_relay
from infra.embedded.nats import EmbeddedNats
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.fanout import crash, running
from tests.support.streaming import person
from tests.support.waiting import until_so

LAG = ("tasktrail_relay_lag_events",)


async def test_what_the_relay_has_not_sent_is_its_lag(database: str, nats_url: str) -> None:
    async with running_app(settings_for(database, nats_url)) as app:
        ada = await person(app)
        count = await ada.adds_many(3)
        await until_so(lambda: shown(app))
        assert (await app.metrics())[LAG] == count
        async with running(make_relay(app.app.state.log)):
            await until_so(lambda: caught_up(app))
            health = (await app.client.get("/health")).json()
            assert health["relay"] == {"position": count, "lag": 0}
        more = await ada.adds_many(2)
        assert (await app.metrics())[LAG] == more - count


async def test_while_nats_hangs_or_is_away_the_rest_is_told(
    database: str, data_folder: Path
) -> None:
    async with (
        EmbeddedNats(data_folder) as nats,
        running_app(settings_for(database, nats.url)) as app,
    ):
        await until_so(lambda: shown(app))
        server = psutil.Process(nats.pid)
        server.suspend()
        try:
            await demand_the_rest(app)
        finally:
            server.resume()
        await until_so(lambda: shown(app))
        await crash(nats)
        await demand_the_rest(app)
        await nats.start()
        await until_so(lambda: shown(app))


async def shown(app: RunningApp) -> bool:
    return LAG in await app.metrics()


async def caught_up(app: RunningApp) -> bool:
    return (await app.metrics()).get(LAG) == 0


async def demand_the_rest(app: RunningApp) -> None:
    counted = await app.metrics()
    assert LAG not in counted
    assert ("tasktrail_log_position",) in counted
    health = await app.client.get("/health")
    assert health.status_code == 200
    assert "relay" not in health.json()
