"""Where projections get their events from."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

from events.envelope import Recorded

Batches = AsyncIterator[list[Recorded]]


class Log(Protocol):
    """The record itself, read by position. What cannot be read stands as `Unreadable`."""

    @property
    def log_id(self) -> UUID: ...

    async def head(self) -> int: ...

    async def tolerant_after(
        self, position: int, *, limit: int = ..., up_to: int | None = ...
    ) -> list[Recorded]: ...


class Source(Protocol):
    """Every event after a position, once, in order and as soon as it is there; for ever."""

    def batches(self, after: int) -> Batches: ...


@asynccontextmanager
async def following(source: Source, after: int) -> AsyncIterator[Batches]:
    """Closes what the source has open, also when its reader stops early."""
    batches = source.batches(after)
    try:
        yield batches
    finally:
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()
