"""Waiting for a state instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(state: Callable[[], object], within: float = 10.0) -> None:
    """Until `state()` is true; TimeoutError when it never is."""
    async with asyncio.timeout(within):
        while not state():  # noqa: ASYNC110 - other processes set no events of ours
            await asyncio.sleep(0.01)


async def again_and_again(act: Callable[[], object], every: float = 0.1) -> None:
    """What a slow client does until it is cancelled."""
    while True:
        act()
        await asyncio.sleep(every)


async def until_answered(question: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """Until the answer is true; TimeoutError when it never is."""
    async with asyncio.timeout(within):
        while not await question():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def until_so(ask: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """The same for a state that must be asked for."""
    async with asyncio.timeout(within):
        while not await ask():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def pause(seconds: float) -> None:
    """Between two requests of a client that is in no hurry. No test waits for anything by it."""
    await asyncio.sleep(seconds)
