"""The live stream of one process: who is connected, from when to when."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import UUID

from events.envelope import Caller
from events.refusals import Unauthenticated, Unavailable
from gateway.issuers import NATIVE
from gateway.live.catching_up import HEARTBEAT_SECONDS, Store, catch_up
from gateway.live.closing import EXPIRED, FAILED, LEFT, RESTARTING, SLOW
from gateway.live.frames import (
    Authenticated,
    EventFrame,
    Heartbeat,
    Hello,
    control_frame,
    moment_at,
)
from gateway.live.subscription import Outlet, Subscription
from gateway.live.tail import Tail
from gateway.logs import described
from queries.access import Access
from queries.audit import Place, Takes, Wanted, check_place

_log = logging.getLogger(__name__)

_TICK = 1.0


class Authenticator(Protocol):
    async def lasting(self, token: str, system: str) -> tuple[Caller, float]:
        """Who it stands for and until when, in Unix seconds. Raises `Unauthenticated`."""
        ...


class Accesses(Protocol):
    async def of(self, account: UUID) -> Access:
        """As of the log's head. Raises `Unavailable`."""
        ...


class Live:
    """`open` and `slow` count the streams there are and those that were closed for being slow."""

    def __init__(
        self,
        tail: Tail,
        store: Store,
        auth: Authenticator,
        accesses: Accesses,
        *,
        queue: int = 1_000,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.tail = tail
        self._store = store
        self._auth = auth
        self._accesses = accesses
        self._queue = queue
        self._heartbeat_seconds = heartbeat_seconds
        self._stopping = asyncio.Event()
        self.open = 0
        self.slow = 0

    async def run(self) -> None:
        """Follow the log and look after those who listen, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.tail.run(), name="tail")
            tasks.create_task(self._sweep(), name="heartbeats")

    def stop(self) -> None:
        """Send everybody away; nobody is let in any more."""
        self._stopping.set()
        for subscription in self.tail.audience.everyone():
            subscription.end(RESTARTING, self.tail.position)

    @asynccontextmanager
    async def subscribed(
        self,
        token: str,
        wanted: Wanted,
        place: Place | None,
        outlet: Outlet,
        system: str = NATIVE,
    ) -> AsyncIterator[Subscription]:
        """A subscription from `place` or from now, for as long as the context lasts; the token
        must be good in that system. Raises a `Refusal`; then nothing was written."""
        await self.tail.begun()
        caller, until = await self._auth.lasting(token, system)
        subscription = Subscription(caller, until, wanted, outlet, self._queue)
        self.tail.audience.enter(subscription)
        catching_up: asyncio.Task[None] | None = None
        try:
            await self._admit(subscription, token, place, system)
            self.open += 1
            catching_up = asyncio.create_task(self._catch_up(subscription))
            yield subscription
            subscription.end(LEFT)
        finally:
            self.tail.audience.leave(subscription)
            if catching_up is not None:
                self.open -= 1
                catching_up.cancel()
            if subscription.ended is not None and subscription.ended.name == SLOW.name:
                self.slow += 1

    async def extend(self, subscription: Subscription, token: str) -> None:
        """Go on with another token of the same account. Raises `Unauthenticated`."""
        caller, until = await self._auth.lasting(token, NATIVE)
        if caller.account != subscription.account:
            raise Unauthenticated("the token is another account's", code="another-account")
        subscription.caller, subscription.until = caller, until
        await self._auth.lasting(token, NATIVE)
        subscription.send(
            control_frame(Authenticated(subscription.told, moment_at(subscription.until)))
        )

    async def arrival(self, owners: Collection[UUID], takes: Takes, after: int) -> None:
        """Returns when there is, or may be, an event like that after that position."""
        tail, watch = self.tail, _Watch(takes, after)
        await tail.begun()
        if after + 1 < tail.ring.first:
            return
        for frame in tail.ring.between(min(after, tail.position), tail.position):
            if frame.owner in owners:
                watch.offer(frame)
        tail.audience.listen(watch, owners)
        stopping = asyncio.create_task(self._stopping.wait())
        either: list[asyncio.Future[Any]] = [watch.seen, stopping]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            tail.audience.part(watch, owners)

    async def _admit(
        self, subscription: Subscription, token: str, place: Place | None, system: str
    ) -> None:
        """The tail tells the subscription what changes from now on, so what is looked up here is
        never too old: neither its memberships nor that its session goes on."""
        await self._auth.lasting(token, system)
        while True:
            access = await self._accesses.of(subscription.account)
            if subscription.changed_at <= access.position:
                break
        place = place or Place(access.position)
        check_place(place, self.tail.log_id, access.position)
        subscription.admit(access)
        if self._stopping.is_set():
            raise Unavailable("the server restarts")
        subscription.position = place.position
        hello = Hello(
            position=place.position,
            log=self.tail.log_id,
            account=subscription.account,
            workspaces=sorted(access.workspaces),
            until=moment_at(subscription.until),
        )
        subscription.send(control_frame(hello))

    async def _catch_up(self, subscription: Subscription) -> None:
        try:
            await catch_up(subscription, self.tail, self._store)
        except Exception as error:
            _log.error("a stream broke while catching up: %s", described(error))
            subscription.end(FAILED)

    async def _sweep(self) -> None:
        """Every second: whose time is up, and who has heard nothing for long."""
        ticks = max(1, round(self._heartbeat_seconds / _TICK))
        while True:
            await asyncio.sleep(min(_TICK, self._heartbeat_seconds))
            position, now = self.tail.position, time.time()
            heartbeat = control_frame(Heartbeat(position))
            for subscription in self.tail.audience.everyone():
                subscription.quiet += 1
                if subscription.until <= now:
                    subscription.end(EXPIRED, position)
                elif subscription.quiet >= ticks and subscription.idle(position):
                    subscription.send(heartbeat)


class _Watch:
    """Waits for one event."""

    def __init__(self, takes: Takes, after: int) -> None:
        self.seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._takes = takes
        self._after = after

    def offer(self, frame: EventFrame) -> None:
        wanted = frame.position > self._after and self._takes(frame.name, frame.stream)
        if wanted and not self.seen.done():
            self.seen.set_result(None)
