"""Does anything get lost, doubled or stuck when a process of ours dies under load?"""

import time

from tests.support.demands import demand_everything
from tests.support.system import System, another_worker
from tests.support.traffic import traffic


async def test_a_killed_api_loses_no_command(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            victim = system.kill("api")
            await system.replaced(victim, "api")
            await flow.more()
            flow.tell("the API killed", fault)
        await demand_everything(system, flow)


async def test_a_killed_worker_loses_and_doubles_nothing(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            victim = system.kill("worker")
            await system.replaced(victim, "worker")
            await flow.more()
            flow.tell("the worker killed", fault)
        await demand_everything(system, flow)


async def test_of_two_workers_either_may_hang_or_die(system: System) -> None:
    async with traffic(system) as flow, another_worker(system) as other:
        await flow.instant()
        fault = time.monotonic()
        async with system.stopped("worker"):
            await flow.more(40)
            flow.tell("one of two workers stopped", fault)
        for kill in (lambda: system.kill("worker"), other.kill):
            await flow.instant()
            fault = time.monotonic()
            kill()
            await flow.more(40)
            flow.tell("one of two workers killed", fault)
        await demand_everything(system, flow)
