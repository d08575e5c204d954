"""Does anybody notice that NATS is away, and is everything there when it is back?"""

import json
import time

from infra.embedded.nats import EmbeddedNats
from tests.support.demands import demand_everything
from tests.support.servers import is_gone
from tests.support.system import System
from tests.support.traffic import traffic
from tests.support.waiting import until


async def test_a_killed_nats_costs_no_command_and_no_reader_an_event(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(3):
            await flow.instant()
            fault = time.monotonic()
            await system.replaced(system.kill("nats"), "nats")
            await flow.more(40)
            flow.tell("NATS killed", fault)
        await demand_everything(system, flow)
        await demand_published(system)


async def test_a_nats_that_hangs_is_not_waited_for(system: System) -> None:
    async with traffic(system) as flow:
        for _ in range(2):
            await flow.instant()
            fault = time.monotonic()
            async with system.stopped("nats"):
                await flow.more(20)
                flow.tell("NATS stopped", fault)
            healed = time.monotonic()
            await flow.more(40)
            flow.tell("and gone on", healed)
        await demand_everything(system, flow)
        await demand_published(system)


async def test_a_lost_store_is_made_again_from_the_log(system: System) -> None:
    store = EmbeddedNats(system.folder).store
    async with traffic(system) as flow:
        for _ in range(2):
            await flow.instant()
            fault = time.monotonic()
            victim = system.kill("nats")
            await until(lambda victim=victim: is_gone(victim))  # type: ignore[misc]
            store.rename(system.folder / f"lost-{victim.pid}")
            await system.replaced(victim, "nats")
            await flow.more(40)
            flow.tell("the store lost", fault)
        await demand_everything(system, flow)
        await demand_published(system)


async def demand_published(system: System) -> None:
    """JetStream has the whole log, each event at its position."""
    until_then = time.monotonic() + 20
    while True:
        _, said = await system.tasktrail("status", "--json")
        found = json.loads(said)
        if found["stream"] == found["head"]:
            return
        assert time.monotonic() < until_then, said
