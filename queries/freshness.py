"""How new must an answer be? At least as new as what its caller was told before."""

import asyncio
from collections.abc import Mapping, Set
from typing import Protocol
from uuid import UUID

from events.refusals import Invalid


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
        self._last = LastPositions(log)

    async def demand(
        self, account: UUID, min_position: str | None, *projections: str, seconds: float = 2.0
    ) -> int:
        """The position that the projections then show at least. `min_position` is a number,
        `head`, or None for the caller's own last command, whichever process took it."""
        position = await self._wanted(account, min_position)
        for projection in projections:
            await self._waiter.wait_for(projection, position, seconds)
        return position

    async def _wanted(self, account: UUID, min_position: str | None) -> int:
        if min_position is None:
            return await self._last.of(account)
        if min_position == "head":
            return await self._log.head()
        if not (min_position.isascii() and min_position.isdigit() and len(min_position) < 19):
            raise Invalid("must be a position or `head`", field="min_position")
        position = int(min_position)
        if position > await self._log.head():
            raise Invalid("is beyond the head of the log", field="min_position", code="ahead")
        return position


class LastPositions:
    """What each account was told last. Who asks while a question is under way goes into the next
    one together with others: the one under way may not see what they were told meanwhile."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: list[tuple[UUID, asyncio.Future[int]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def of(self, account: UUID) -> int:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((account, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="last positions")
        return await future

    async def _ask(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                await self._answer(waiting)
        finally:
            self._asking = None

    async def _answer(self, waiting: list[tuple[UUID, asyncio.Future[int]]]) -> None:
        found: Mapping[UUID, int] | Exception
        try:
            found = await self._log.last_positions_of({account for account, _ in waiting})
        except Exception as error:
            found = error
        for account, future in waiting:
            if future.done():
                continue
            if isinstance(found, Exception):
                future.set_exception(found)
            else:
                future.set_result(found[account])
