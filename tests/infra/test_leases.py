"""Does one lead at a time, and another soon after its end?"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra.leases import LASTS, Lease
from infra.postgres import Pool
from tests.support.log import Log, open_log
from tests.support.waiting import until

LEADER = """
import asyncio, sys
from infra.leases import Lease
from infra.postgres import Pool

async def work():
    print("leading", flush=True)
    await asyncio.Event().wait()

async def main():
    await Lease(await Pool.open(sys.argv[1], 1), "relay").lead(work)

asyncio.run(main())
"""


class Work:
    """Work that goes on until it is cancelled, and says whether it does."""

    def __init__(self) -> None:
        self.started = 0
        self.going_on = False

    async def __call__(self) -> None:
        self.started += 1
        self.going_on = True
        try:
            await asyncio.Event().wait()
        finally:
            self.going_on = False


@asynccontextmanager
async def leading(lease: Lease, work: Work) -> AsyncIterator[None]:
    task = asyncio.create_task(lease.lead(work))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def end(log: Log, renewed_at: str) -> None:
    await log.execute(f"UPDATE leases SET renewed_at = {renewed_at}")


async def test_one_leads_and_the_other_follows_at_its_end(database: str) -> None:
    async with open_log(database) as log:
        first, second = Work(), Work()
        async with leading(Lease(log.pool, "relay"), first):
            await until(lambda: first.going_on)
            async with leading(Lease(log.pool, "relay"), second):
                with pytest.raises(TimeoutError):
                    await until(lambda: second.going_on, within=2 * LASTS)
                assert first.going_on
        async with leading(Lease(log.pool, "relay"), second):
            await until(lambda: second.going_on, within=LASTS / 2)  # it was released, not outlived
        assert not first.going_on


async def test_each_name_has_its_own_leader(database: str) -> None:
    async with open_log(database) as log:
        relay, tasks = Lease(log.pool, "relay"), Lease(log.pool, "projector/tasks")
        assert [await relay.acquire(), await tasks.acquire()] == [1, 1]
        assert relay.held
        assert tasks.held


async def test_every_leader_has_an_epoch_of_its_own(database: str) -> None:
    async with open_log(database) as log:
        for epoch in (1, 2, 3):
            lease = Lease(log.pool, "relay")
            assert await lease.acquire() == epoch
            await lease.release()
            assert not lease.held


async def test_a_killed_leader_is_followed_by_another(database: str) -> None:
    async with open_log(database) as log:
        leader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LEADER, database, stdout=asyncio.subprocess.PIPE
        )
        assert leader.stdout
        assert await leader.stdout.readline() == b"leading\n"
        heir = Lease(log.pool, "relay")
        waiting = asyncio.create_task(heir.acquire())
        os.kill(leader.pid, signal.SIGKILL)
        await leader.wait()
        async with asyncio.timeout(4 * LASTS):
            assert await waiting == 2


async def test_a_leader_that_was_replaced_stops_and_may_lead_again(database: str) -> None:
    async with open_log(database) as log:
        work, rival = Work(), Lease(log.pool, "relay")
        lease = Lease(log.pool, "relay")
        async with leading(lease, work):
            await until(lambda: work.going_on)
            await end(log, "'-infinity'")
            if await rival.acquire() == 2:
                await until(lambda: not work.going_on)
                assert not lease.held
            await rival.release()
            await until(lambda: work.started == 2)
            assert lease.epoch == 3


async def test_a_leader_stops_when_it_cannot_renew(database: str) -> None:
    async with open_log(database) as log:
        pool, work = await Pool.open(database, 1), Work()
        async with leading(Lease(pool, "relay"), work):
            await until(lambda: work.going_on)
            await pool.close()
            await until(lambda: not work.going_on)
        assert await Lease(log.pool, "relay").acquire() == 2


async def test_a_lease_of_the_future_does_not_hold(database: str) -> None:
    """The server's clock was an hour ahead when its leader died."""
    async with open_log(database) as log:
        await Lease(log.pool, "relay").acquire()
        await end(log, "clock_timestamp() + interval '1 hour'")
        async with asyncio.timeout(LASTS):
            assert await Lease(log.pool, "relay").acquire() == 2


async def test_work_that_fails_gives_the_lease_back_and_is_heard_of(database: str) -> None:
    async def fail() -> None:
        raise LookupError("no such work")

    async with open_log(database) as log:
        with pytest.raises(LookupError):
            await Lease(log.pool, "relay").lead(fail)
        async with asyncio.timeout(LASTS / 2):
            assert await Lease(log.pool, "relay").acquire() == 2
