"""Who is to hear of an event?"""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from events.cloud import Event
from gateway.live.closing import ENDED
from gateway.live.frames import EventFrame
from gateway.live.subscription import Subscription
from gateway.token_cache import ENDING, ends
from queries.access import joining, leaving

T = TypeVar("T")


class Listener(Protocol):
    def offer(self, frame: EventFrame) -> None:
        """The next event of an owner that it listens to, perhaps twice."""
        ...


class Audience:
    """Listeners by whose events they want, so that an event touches nobody else; and the open
    subscriptions by account, so that they follow its memberships and the end of its sessions."""

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[Listener]] = {}
        self._people: dict[UUID, set[Subscription]] = {}

    def enter(self, subscription: Subscription) -> None:
        self._people.setdefault(subscription.account, set()).add(subscription)

    def go_live(self, subscription: Subscription) -> None:
        subscription.live = True
        self.listen(subscription, subscription.owners)

    def leave(self, subscription: Subscription) -> None:
        self.part(subscription, subscription.owners)
        _discard(self._people, subscription.account, subscription)

    def listen(self, listener: Listener, owners: Iterable[UUID]) -> None:
        for owner in owners:
            self._listeners.setdefault(owner, set()).add(listener)

    def part(self, listener: Listener, owners: Iterable[UUID]) -> None:
        for owner in owners:
            _discard(self._listeners, owner, listener)

    def everyone(self) -> list[Subscription]:
        return [subscription for those in self._people.values() for subscription in those]

    def take(self, event: Event, frame: EventFrame) -> int:
        """Who joins hears of it first, and who leaves last. How many were told."""
        joiner = leaver = None
        if event.noun == "workspace":
            fact = event.fact
            joiner, leaver = joining(fact), leaving(fact)
        if joiner is not None:
            for subscription in self._people.get(joiner, ()):
                if subscription.joined(frame.owner, frame.position) and subscription.live:
                    self.listen(subscription, [frame.owner])
            for listener in self._listeners.get(joiner, ()):
                listener.offer(frame)  # those among them that are no subscription, too
        listeners = self._listeners.get(frame.owner, ())
        for listener in listeners:
            listener.offer(frame)
        if leaver is not None:
            for subscription in self._people.get(leaver, ()):
                if subscription.left(frame):
                    self.part(subscription, [frame.owner])
        if event.topic in ENDING:
            for subscription in self._people.get(frame.owner, ()):
                if ends(event, subscription.caller):
                    subscription.end(ENDED, frame.position)
        return len(listeners)


def _discard(index: dict[UUID, set[T]], key: UUID, one: T) -> None:
    those = index.get(key)
    if those is not None:
        those.discard(one)
        if not those:
            del index[key]
