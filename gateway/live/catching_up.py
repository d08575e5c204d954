"""How does a subscription get from where it stands to the present, without a gap?"""

import asyncio
import logging
from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from events.envelope import Recorded
from events.refusals import Unavailable
from gateway.live.frames import EventFrame, Heartbeat, Live, control_frame
from gateway.live.subscription import Subscription
from gateway.live.tail import Tail
from queries.audit import Takes

_log = logging.getLogger(__name__)

_PAGE = 200
_STRIDE = 500
_PAUSE = 0.5
HEARTBEAT_SECONDS = 15.0


class Store(Protocol):
    async def of_owners(
        self, owners: Collection[UUID], position: int, *, up_to: int, limit: int, takes: Takes
    ) -> tuple[list[Recorded], int]: ...


async def catch_up(subscription: Subscription, tail: Tail, store: Store) -> None:
    """From the store up to the ring, then from the ring, then live: between the last look at the
    ring and listening to the tail nothing else runs, so nothing is missed or repeated. A tail
    that is itself behind is not waited for: what it tells late was told before."""
    told = _now()
    while subscription.ended is None and subscription.position < _goal(subscription, tail):
        sent = subscription.sent
        frames, reached = await _next(subscription, tail, store)
        await _tell(subscription, frames, reached)
        if subscription.sent != sent:
            told = _now()
        elif _now() - told > HEARTBEAT_SECONDS:
            told = _now()
            subscription.write(control_frame(Heartbeat(reached)))
    if subscription.ended is None:
        tail.audience.go_live(subscription)
        subscription.send(control_frame(Live(subscription.position)))


async def _next(
    subscription: Subscription, tail: Tail, store: Store
) -> tuple[list[EventFrame], int]:
    """Its next events, and how far they go."""
    after, ring = subscription.position, tail.ring
    if ring.first <= after + 1 <= ring.last:
        reached = min(after + _STRIDE, ring.last)
        found = ring.between(after, reached)
        await asyncio.sleep(0)
        return [frame for frame in found if subscription.takes(frame)], reached
    try:
        events, reached = await store.of_owners(
            subscription.owners,
            after,
            up_to=_goal(subscription, tail),
            limit=_PAGE,
            takes=subscription.wanted.takes,
        )
    except Unavailable as error:
        _log.info("cannot read the log after %d for a stream: %s", after, error)
        await asyncio.sleep(_PAUSE)
        return [], after
    return [EventFrame(recorded, tail.log_id) for recorded in events], reached


def _goal(subscription: Subscription, tail: Tail) -> int:
    """The head of the log when it connected, or what happened since."""
    return max(subscription.access.position, tail.position)


async def _tell(subscription: Subscription, frames: list[EventFrame], reached: int) -> None:
    """What it may see may change meanwhile; see `Subscription.farewells`."""
    for frame in frames:
        await _say_farewell(subscription, frame.position - 1)
        if frame.owner in subscription.owners:
            await _write(subscription, frame)
    await _say_farewell(subscription, reached)
    if subscription.ended is None:
        subscription.position = reached


async def _say_farewell(subscription: Subscription, up_to: int) -> None:
    while subscription.farewells and subscription.farewells[0].position <= up_to:
        await _write(subscription, subscription.farewells.pop(0))


async def _write(subscription: Subscription, frame: EventFrame) -> None:
    if not subscription.outlet.ready:
        await subscription.outlet.drained()
    if subscription.ended is None:
        subscription.write(frame)


def _now() -> float:
    return asyncio.get_running_loop().time()
