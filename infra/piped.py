"""How does a thread read what arrives in the event loop, a part at a time?"""

import asyncio
from collections.abc import AsyncIterator


class PipeClosed(Exception):
    """Whoever sent the rest is gone."""


class Incoming:
    """What arrives, in pieces of the size that is asked for. Nothing is copied on the way: that
    is left to the thread."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    async def take(self, size: int) -> list[bytes]:
        """Chunks of so many bytes together, of fewer at the end."""
        taken: list[bytes] = []
        while size:
            chunk, self._left = self._left, b""
            try:
                chunk = chunk or await anext(self._chunks)
            except StopAsyncIteration:
                break
            if len(chunk) > size:
                chunk, self._left = chunk[:size], chunk[size:]
            taken.append(chunk)
            size -= len(chunk)
        return taken


class Piped:
    """A file to read from in a thread; `error` is what the sender raised. Made in the loop, with
    what has arrived already."""

    def __init__(self, first: list[bytes], rest: Incoming) -> None:
        self.error: BaseException | None = None
        self._first = first
        self._rest = rest
        self._loop = asyncio.get_running_loop()
        self._taking: asyncio.Task[list[bytes]] | None = None
        self._closed = False

    def read(self, size: int) -> bytes:
        """In a thread. Fewer bytes than asked for are no end, none are."""
        taken, self._first = self._first, []
        if not taken:
            taken = asyncio.run_coroutine_threadsafe(self._take(size), self._loop).result()
        return b"".join(taken)

    def close(self) -> None:
        """In the loop: no more is read, and the thread gets an error."""
        self._closed = True
        if self._taking is not None:
            self._taking.cancel()

    async def _take(self, size: int) -> list[bytes]:
        if self._closed:
            raise PipeClosed
        self._taking = asyncio.current_task()
        try:
            return await self._rest.take(size)
        except Exception as error:
            self.error = error
            raise
        finally:
            self._taking = None
