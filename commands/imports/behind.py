"""One thing goes on while the next is prepared: never two at once, and none is left alone."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class Behind:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Waits for what goes on; after an error it is given up."""
        if self._task is not None and error is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        else:
            await self.wait()

    async def go_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Once what went on before is done. Raises what that raised."""
        try:
            await self.wait()
        except BaseException:
            work.close()
            raise
        self._task = asyncio.create_task(work)

    async def wait(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await task
