"""One client of the stream: what it may see, where it stands and what waits for it."""

from typing import Protocol
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Caller
from gateway.live.closing import SLOW, Closing
from gateway.live.frames import EventFrame, Frame
from queries.access import Access, owners_of
from queries.audit import Wanted


class Outlet(Protocol):
    """The way to one client."""

    @property
    def ready(self) -> bool:
        """Whether what is written now begins to leave at once."""
        ...

    def write(self, frame: Frame) -> None: ...
    async def drained(self) -> None:
        """Returns when it is ready, or when the client is gone."""
        ...

    def close(self, closing: Closing) -> None:
        """Behind what was written. Nothing is written after it."""
        ...


class Subscription:
    """Gets every event once and in order: first from `write`, by whoever catches up for it, and
    once `live` from `offer`.

    Up to `position` events were served or passed over; `sent` is the last that was written. Whoever
    leaves a workspace sees nothing more of it at once but the event that says so, which waits in
    `farewells` while there is older news to tell first.
    """

    __slots__ = (
        "_limit",
        "_queue",
        "_restricted",
        "access",
        "account",
        "caller",
        "changed_at",
        "ended",
        "farewells",
        "live",
        "outlet",
        "owners",
        "position",
        "quiet",
        "sent",
        "until",
        "wanted",
    )

    def __init__(
        self, caller: Caller, until: float, wanted: Wanted, outlet: Outlet, limit: int
    ) -> None:
        assert caller.account is not None, "only who is signed in subscribes"
        self.caller = caller
        self.account: UUID = caller.account
        self.until = until
        self.wanted = wanted
        self.outlet = outlet
        self.owners: set[UUID] = set()
        self.access = Access(self.account, frozenset(), 0)
        self.changed_at = 0
        self.position = 0
        self.sent = 0
        self.live = False
        self.ended: Closing | None = None
        self.farewells: list[EventFrame] = []
        self.quiet = 0
        self._restricted = bool(wanted.workspaces)
        self._limit = limit
        self._queue: list[Frame] = []

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def told(self) -> int:
        """How far the client will be when it has got what waits."""
        return self._queue[-1].position if self._queue else self.sent

    @property
    def crowded(self) -> bool:
        return len(self._queue) * 2 > self._limit

    def idle(self, position: int) -> bool:
        """Whether it has been told everything up to there."""
        return self.live and not self._queue and self.position <= position and self.outlet.ready

    def admit(self, access: Access) -> None:
        """Raises `NotFound` for a wanted workspace that is not the account's."""
        self.owners = set(owners_of(access, self.wanted.workspaces))
        self.access = access

    def joined(self, workspace: UUID, position: int) -> bool:
        """Whether this is news, and a workspace to follow from now on."""
        self.changed_at = position
        if position <= self.access.position:
            return False
        if self._restricted and workspace not in self.wanted.workspaces:
            return False
        self.farewells = [frame for frame in self.farewells if frame.owner != workspace]
        self.owners.add(workspace)
        return True

    def left(self, frame: EventFrame) -> bool:
        """Whether this is news, and a workspace that was followed until now."""
        self.changed_at = frame.position
        if frame.position <= self.access.position or frame.owner not in self.owners:
            return False
        self.owners.discard(frame.owner)
        if not self.live and frame.position > self.position and self.takes(frame):
            self.farewells.append(frame)
        return True

    def takes(self, frame: EventFrame) -> bool:
        return self.wanted.takes(frame.name, frame.stream)

    def offer(self, frame: EventFrame) -> None:
        """The next event of one of its owners. More than may wait is the end."""
        if frame.position <= self.position or not self.takes(frame):
            return
        self.position = frame.position
        self.send(frame)

    def send(self, frame: Frame) -> None:
        if self.ended is not None:
            return
        self.quiet = 0
        if not self._queue and self.outlet.ready:
            self.write(frame)
        elif len(self._queue) < self._limit:
            self._queue.append(frame)
        else:
            self.end(SLOW)

    def flush(self) -> None:
        """To be called whenever the outlet is ready again."""
        queue, written = self._queue, 0
        while written < len(queue) and self.outlet.ready:
            self.write(queue[written])
            written += 1
        del queue[:written]

    def write(self, frame: Frame) -> None:
        self.outlet.write(frame)
        self.sent = frame.position

    def end(self, closing: Closing, reached: int | None = None) -> None:
        """Once. `reached` is where the client may resume if nothing waits for it."""
        if self.ended is not None:
            return
        served = self.live and not self._queue
        resume = max(self.position, reached or 0) if served else self.sent
        self.ended = replace(closing, position=resume)
        self._queue.clear()
        self.outlet.close(self.ended)
