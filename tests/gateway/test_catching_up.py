"""From the past into the present, event by event, with a log that the test feeds."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from msgspec.structs import replace

from events.base import Fact
from events.envelope import Caller, Recorded
from events.ids import new_id
from events.tasks import TaskStarted
from events.workspaces import MemberAdded, MemberRemoved
from gateway.live.catching_up import catch_up
from gateway.live.closing import Closing
from gateway.live.frames import Frame
from gateway.live.ring import Ring
from gateway.live.subscription import Subscription
from gateway.live.tail import Tail
from queries.access import Access
from queries.audit import EVERYTHING, Takes
from tests.support.projections import story
from tests.support.waiting import until

ADA, TEAM, OTHER = new_id(), new_id(), new_id()


class Fed:
    """A log that grows when the test says so: source, head and store in one."""

    def __init__(self) -> None:
        self.log_id = new_id()
        self.events: list[Recorded] = []
        self.fed = 0
        self._lost = False
        self._more = asyncio.Event()

    def add(self, owner: UUID, fact: Fact | None = None, *, feed: bool = True) -> int:
        position = len(self.events) + 1
        [recorded] = story(fact or TaskStarted(), stream=owner, owner=owner, first=position)
        self.events.append(replace(recorded, version=position))
        if feed:
            self.feed()
        return position

    def feed(self) -> None:
        """Let the tail hear of everything."""
        self.fed = len(self.events)
        self._more.set()

    def lose(self, position: int) -> None:
        """Everything after that position, and the reader with it."""
        del self.events[position:]
        self.fed, self._lost = position, True
        self._more.set()

    async def head(self) -> int:
        return len(self.events)

    async def batches(self, after: int) -> AsyncGenerator[list[Recorded], None]:
        while True:
            self._more.clear()
            if self._lost:
                self._lost = False
                raise RuntimeError("the log ends before that")
            if batch := self.events[after : self.fed]:
                after = self.fed
                yield batch
            else:
                await self._more.wait()

    async def of_owners(
        self, owners: Collection[UUID], position: int, *, up_to: int, limit: int, takes: Takes
    ) -> tuple[list[Recorded], int]:
        await asyncio.sleep(0)
        return [event for event in self.events[position:up_to] if event.owner in owners], up_to


class Client:
    """An outlet that takes so many frames, and then no more until it is told to."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.frames: list[Frame] = []
        self.closing: Closing | None = None
        self._changed = asyncio.Event()

    @property
    def ready(self) -> bool:
        return len(self.frames) < self.room

    def write(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def drained(self) -> None:
        while not self.ready:
            self._changed.clear()
            await self._changed.wait()

    def close(self, closing: Closing) -> None:
        self.closing = closing

    def take(self, more: int) -> None:
        self.room += more
        self._changed.set()

    @property
    def positions(self) -> list[int]:
        return [frame.position for frame in self.frames if "." in frame.name]


@asynccontextmanager
async def following(log: Fed, ring: Ring | None = None) -> AsyncIterator[Tail]:
    tail = Tail(log, log, late_seconds=1.5)
    tail.ring = ring or tail.ring
    running = asyncio.create_task(tail.run())
    try:
        await tail.begun()
        yield tail
    finally:
        running.cancel()
        await asyncio.wait([running])


def subscription_of(client: Client, tail: Tail, log: Fed, limit: int = 1_000) -> Subscription:
    """Ada's, a member of the team as of now."""
    subscription = Subscription(Caller(account=ADA), time.time() + 60, EVERYTHING, client, limit)
    tail.audience.enter(subscription)
    subscription.admit(Access(ADA, frozenset([TEAM]), len(log.events)))
    return subscription


async def test_the_past_then_the_present() -> None:
    log = Fed()
    for owner in (TEAM, OTHER, ADA, TEAM):
        log.add(owner)
    async with following(log) as tail:
        client = Client()
        subscription = subscription_of(client, tail, log)
        await catch_up(subscription, tail, log)
        log.add(OTHER)
        log.add(TEAM)
        await until(lambda: tail.position == 6)
        assert client.positions == [1, 3, 4, 6]
        assert [frame.name for frame in client.frames].index("live") == 3


async def test_a_tail_that_is_behind_is_not_waited_for_and_repeats_nothing() -> None:
    log = Fed()
    async with following(log) as tail:
        for _ in range(4):
            log.add(TEAM, feed=False)
        client = Client()
        await catch_up(subscription_of(client, tail, log), tail, log)
        assert client.positions == [1, 2, 3, 4]
        log.add(TEAM)
        await until(lambda: tail.position == 5)
        assert client.positions == [1, 2, 3, 4, 5]


async def test_who_is_removed_while_catching_up_hears_no_more_but_that() -> None:
    for ring in (Ring(), Ring(size=2)):
        log = Fed()
        for _ in range(6):
            log.add(TEAM)
        mine = log.add(ADA)
        async with following(log, ring) as tail:
            await until(lambda tail=tail: tail.position == 7)  # type: ignore[misc]
            client = Client(room=2)
            subscription = subscription_of(client, tail, log)
            catching_up = asyncio.create_task(catch_up(subscription, tail, log))
            await until(lambda client=client: len(client.frames) == 2)  # type: ignore[misc]
            removed = log.add(TEAM, MemberRemoved(account=ADA))
            log.add(TEAM)
            await until(lambda tail=tail: tail.position == 9)  # type: ignore[misc]
            client.take(100)
            await catching_up
            log.add(TEAM)
            await until(lambda tail=tail: tail.position == 10)  # type: ignore[misc]
            assert client.positions[:2] == [1, 2]
            assert client.positions[-2:] == [mine, removed]
            assert len(client.positions) <= 5  # one was on its way when it happened


async def test_who_comes_back_while_catching_up_hears_it_all_once() -> None:
    log = Fed()
    for _ in range(4):
        log.add(TEAM)
    async with following(log, Ring(size=2)) as tail:
        await until(lambda: tail.position == 4)
        client = Client(room=1)
        subscription = subscription_of(client, tail, log)
        catching_up = asyncio.create_task(catch_up(subscription, tail, log))
        await until(lambda: len(client.frames) == 1)
        log.add(TEAM, MemberRemoved(account=ADA))
        log.add(TEAM, MemberAdded(account=ADA, role="member"))
        last = log.add(TEAM)
        await until(lambda: tail.position == last)
        client.take(100)
        await catching_up
        assert client.positions == list(range(1, last + 1))


async def test_more_than_may_wait_ends_it_with_the_last_that_was_sent() -> None:
    log = Fed()
    async with following(log) as tail:
        client = Client(room=3)
        subscription = subscription_of(client, tail, log, limit=4)
        await catch_up(subscription, tail, log)
        for _ in range(6):
            last = log.add(TEAM)
        await until(lambda: tail.position == last)
        assert client.closing is None
        log.add(TEAM)
        await until(lambda: client.closing is not None)
        assert client.closing is not None
        assert (client.closing.code, client.closing.position) == (4408, 2)
        client.take(100)
        subscription.flush()
        assert client.positions == [1, 2]


async def test_what_waited_is_sent_in_order_when_there_is_room() -> None:
    log = Fed()
    async with following(log) as tail:
        client = Client(room=2)
        subscription = subscription_of(client, tail, log, limit=10)
        await catch_up(subscription, tail, log)
        for _ in range(5):
            last = log.add(TEAM)
        await until(lambda: tail.position == last)
        client.take(2)
        subscription.flush()
        assert client.positions == [1, 2, 3]
        client.take(10)
        subscription.flush()
        log.add(TEAM)
        await until(lambda: tail.position == 6)
        assert client.positions == [1, 2, 3, 4, 5, 6]


async def test_a_tail_that_hears_nothing_while_the_log_grows_is_late() -> None:
    log = Fed()
    async with following(log) as tail:
        await until(lambda: not tail.is_late)
        log.add(TEAM, feed=False)
        await until(lambda: tail.is_late)
        log.feed()
        await until(lambda: not tail.is_late)


async def test_a_log_that_lost_what_was_read_is_another_one() -> None:
    log = Fed()
    for _ in range(5):
        log.add(TEAM)
    async with following(log) as tail:
        await until(lambda: tail.position == 5)
        client = Client()
        await catch_up(subscription_of(client, tail, log), tail, log)
        log.lose(3)
        await until(lambda: client.closing is not None)
        assert client.closing is not None
        assert client.closing.code == 4410
        await until(lambda: tail.position == 3)
        log.add(TEAM)
        await until(lambda: tail.position == 4)
