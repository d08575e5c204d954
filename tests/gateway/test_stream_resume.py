"""Does a client that comes and goes get every event it may see, once and in order (I4)?"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from gateway.live.ring import Ring
from infra.embedded.nats import EmbeddedNats
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.fanout import crash, lose_store
from tests.support.streaming import Person, Stream, person, sent_by, socket_to
from tests.support.waiting import until

WRITERS = 4


async def visible_to(who: Person, *workspaces: str, after: int) -> list[int]:
    """The positions of what it must have got, from the log itself."""
    reader = who.app.app.state.log.reader
    mine = {UUID(who.id), *map(UUID, workspaces)}
    found: list[int] = []
    while page := await reader.after(after):
        found += [recorded.position for recorded in page if recorded.owner in mine]
        after = page[-1].position
    return found


@asynccontextmanager
async def writing(*writers: Callable[[], object]) -> AsyncIterator[None]:
    """Each again and again, until the context ends."""
    stop = asyncio.Event()

    async def write(act: Callable[[], object]) -> None:
        while not stop.is_set():
            await act()  # type: ignore[misc]

    async with asyncio.TaskGroup() as tasks:
        for act in writers:
            tasks.create_task(write(act))
        try:
            yield
        finally:
            stop.set()


class Wanderer:
    """A client that connects, hears some, and leaves without a word."""

    def __init__(self, who: Person, start: int, seed: int) -> None:
        self.who = who
        self.position = start
        self.got: list[int] = []
        self._random = random.Random(seed)

    async def visit(self, until_position: int | None = None) -> None:
        over = self._random.choice((socket_to, sent_by))
        enough = self._random.randrange(1, 25)
        async with over(self.who.app, self.who.token, [("after", self.position)]) as stream:
            if until_position is None:
                await until(lambda: len(stream.events) >= enough, 30)
            else:
                await stream.reached(until_position, 30)
        self.take(stream)

    def take(self, stream: Stream) -> None:
        self.got += stream.positions
        self.position = max(self.position, *(frame["position"] for frame in stream.frames))


async def scene(app: RunningApp) -> tuple[Person, Person, str, str]:
    """Two people who share a workspace; the first also has one of their own."""
    ada, eve = await person(app), await person(app)
    team = await ada.opens_workspace()
    await ada.invites(eve, team)
    own = (await ada.does("GET", "/v1/workspaces")).json()["items"][0]["id"]
    return ada, eve, team, own


async def test_coming_and_going_costs_nothing(served: RunningApp) -> None:
    ada, eve, team, own = await scene(served)
    start = await ada.adds()
    wanderers = [Wanderer(ada, start, seed) for seed in range(4)]
    async with writing(
        lambda: ada.adds("mine"), lambda: eve.adds("ours", team), lambda: eve.adds("hers")
    ):
        for _ in range(4):
            await asyncio.gather(*(wanderer.visit() for wanderer in wanderers))
    last = await ada.adds("last")
    await asyncio.gather(*(wanderer.visit(last) for wanderer in wanderers))
    expected = await visible_to(ada, team, own, after=start)
    for wanderer in wanderers:
        assert wanderer.got == expected


async def test_the_store_answers_for_what_the_ring_has_no_more(served: RunningApp) -> None:
    tail = served.app.state.live.tail
    before, tail.ring = tail.ring, Ring(size=8)
    tail.ring.begin(before.last)
    try:
        ada, eve, team, own = await scene(served)
        start = await ada.adds()
        wanderers = [Wanderer(ada, start, seed) for seed in range(4)]
        async with writing(lambda: ada.adds("mine"), lambda: eve.adds("ours", team)):
            for _ in range(4):
                await asyncio.gather(*(wanderer.visit() for wanderer in wanderers))
        last = await ada.adds("last")
        await asyncio.gather(*(wanderer.visit(last) for wanderer in wanderers))
        expected = await visible_to(ada, team, own, after=start)
        assert [wanderer.got for wanderer in wanderers] == [expected] * 4
    finally:
        before.begin(tail.ring.last)
        tail.ring = before


@pytest.mark.parametrize("fault", [crash, lose_store])
async def test_nats_may_die_meanwhile(
    database: str, data_folder: Path, fault: Callable[[EmbeddedNats], object]
) -> None:
    async with EmbeddedNats(data_folder) as nats:
        settings = settings_for(database, nats.url, rate_limit=0)
        async with running_app(settings, worker=True) as app:
            ada, eve, team, own = await scene(app)
            start = await ada.adds()
            wanderer = Wanderer(ada, start, 1)
            async with socket_to(app, ada.token, [("after", start)]) as stays:
                async with writing(lambda: ada.adds("mine"), lambda: eve.adds("ours", team)):
                    await wanderer.visit()
                    await fault(nats)  # type: ignore[misc]
                    seen = stays.position
                    await stays.reached(seen + 20)
                    await wanderer.visit()
                    if fault is crash:
                        await nats.start()
                    await stays.reached(stays.position + 20)
                last = await ada.adds("last")
                await stays.reached(last)
                await wanderer.visit(last)
                expected = await visible_to(ada, team, own, after=start)
                assert stays.positions == expected
                assert wanderer.got == expected
                assert stays.ended is None
                await until(lambda: not app.app.state.live.tail.is_late)
