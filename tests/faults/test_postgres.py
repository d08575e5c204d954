"""Is everything that was acknowledged still there after Postgres was killed or hung?"""

import signal
import time
from contextlib import suppress

import httpx
import psutil

from infra.postgres import connect
from tests.support.demands import demand_everything
from tests.support.system import System
from tests.support.traffic import traffic
from tests.support.waiting import until

HANGS = 30.0
REFUSED_WITHIN = 5.0


async def test_killed_backends_lose_no_command(system: System) -> None:
    assert system.settings.database_url is not None
    async with traffic(system) as flow:
        fault = time.monotonic()
        for _ in range(5):
            await flow.instant()
            connection = await connect(system.settings.database_url)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await connection.close()
        await flow.more(20)
        flow.tell("all backends killed", fault)
        await demand_everything(system, flow)


async def test_an_immediate_shutdown_loses_no_command(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            await system.replaced(system.kill("postgres", signal.SIGQUIT), "postgres")
            await flow.more(40)
            flow.tell("Postgres shut down at once", fault)
        await demand_everything(system, flow)


async def test_a_postgres_killed_whole_loses_no_command(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            postmaster = system.part("postgres")
            for process in system.tree("postgres"):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            await system.replaced(postmaster, "postgres")
            await flow.more(40)
            flow.tell("the whole of Postgres killed", fault)
        await demand_everything(system, flow)


async def test_a_postgres_that_hangs_is_not_waited_for(system: System) -> None:
    async with traffic(system) as flow:
        await flow.instant()
        fault = time.monotonic()
        async with system.stopped("postgres"):
            async with httpx.AsyncClient(base_url=system.base, timeout=REFUSED_WITHIN) as client:
                assert (await client.get("/ready")).status_code == 503
                assert (await client.get("/live")).status_code == 200
            await until(lambda: flow.refused >= 2 * len(flow.writers))
            await until(lambda: time.monotonic() - fault > HANGS, within=2 * HANGS)
        flow.tell("Postgres stopped", fault)
        healed = time.monotonic()
        await flow.more(40)
        flow.tell("and gone on", healed)
        await demand_everything(system, flow)
