"""How new must an answer be? At least as new as what its caller was told before."""

from collections.abc import Mapping, Set
from typing import Protocol
from uuid import UUID

from events.refusals import Invalid, Unavailable
from queries.together import Together

LATE = "projection-lag"


class Log(Protocol):
    async def head(self) -> int: ...
    async def last_positions_of(self, accounts: Set[UUID]) -> Mapping[UUID, int]: ...


class Waiter(Protocol):
    async def wait_for(self, projection: str, position: int, seconds: float = 2.0) -> None:
        """Raises `Unavailable` (`projection-lag`) when it takes longer than that."""
        ...


class Freshness:
    """Holds a query back until the read models show what it may expect."""

    def __init__(self, log: Log, waiter: Waiter) -> None:
        self._log = log
        self._waiter = waiter
        self._last = Together(log.last_positions_of)
        self._heads = Together(self._ask_head)
        self.late = 0

    async def demand(
        self, account: UUID, min_position: str | None, *projections: str, seconds: float = 2.0
    ) -> int:
        """The position that the projections then show at least. `min_position` is a number,
        `head`, or None for the caller's own last command, whichever process took it."""
        position = await self._wanted(account, min_position)
        for projection in projections:
            await self._waiter.wait_for(projection, position, seconds)
        return position

    async def newest(self, account: UUID, *projections: str, seconds: float = 2.0) -> int | None:
        """The log's head, which the projections then show; None, and counted, if they are late
        and one had rather show what they have."""
        try:
            return await self.demand(account, "head", *projections, seconds=seconds)
        except Unavailable as error:
            if error.code != LATE:
                raise
            self.late += 1
            return None

    async def _wanted(self, account: UUID, min_position: str | None) -> int:
        if min_position is None:
            return await self._last.of(account)
        if min_position == "head":
            return await self._heads.of(None)
        if not (min_position.isascii() and min_position.isdigit() and len(min_position) < 19):
            raise Invalid("must be a position or `head`", field="min_position")
        position = int(min_position)
        if position > await self._heads.of(None):
            raise Invalid("is beyond the head of the log", field="min_position", code="ahead")
        return position

    async def _ask_head(self, nobody: Set[None]) -> Mapping[None, int]:
        return dict.fromkeys(nobody, await self._log.head())
