"""Many ask at the same time: one question to the database for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Set
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """`ask` gets every key that somebody wants and answers each.

    A question begins after whoever it answers has come: who comes while one is under way goes
    into the next, since that one may not see what they were told meanwhile. So an answer is as
    new as one of their own would be, and whoever is alone waits for nobody.
    """

    def __init__(self, ask: Callable[[Set[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def of(self, key: K) -> V:
        """Raises what the question raised."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_on(), name="asking together")
        return await future

    async def _ask_on(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                await self._answer(waiting)
        finally:
            self._asking = None

    async def _answer(self, waiting: list[tuple[K, asyncio.Future[V]]]) -> None:
        found: Mapping[K, V] | Exception
        try:
            found = await self._ask({key for key, _ in waiting})
        except Exception as error:
            found = error
        for key, future in waiting:
            if future.done():
                continue
            if isinstance(found, Exception):
                future.set_exception(found)
            else:
                future.set_result(found[key])
