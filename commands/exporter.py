"""The agent that makes the exports that were asked for, and clears them away in time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec

from commands.base import Command, Decider, S, Stream
from commands.export_progress import Meter
from commands.exports import (
    EXPORTS,
    CompleteExport,
    ExpireExport,
    FailExport,
    ReportExport,
)
from commands.handler import Outcome
from events.append import CommandRequest
from events.envelope import Caller
from events.exports import KEPT, ExportFormat, ExportNoun
from events.refusals import Conflict, NotFound, Unavailable

_log = logging.getLogger(__name__)

_LOOK_EVERY = 60.0
_PAUSE = 2.0
_TOGETHER = 0.2  # it hears of every step of the read model, whether or not that is an export's


class Job(msgspec.Struct, frozen=True):
    export: UUID
    workspace: UUID
    format: ExportFormat
    history: bool
    noun: ExportNoun
    position: int


class Made(msgspec.Struct, frozen=True):
    rows: int
    size: int
    sha256: str


class Unwanted(Exception):
    """It was cancelled while it was made."""


Progressed = Callable[[int, int], Awaitable[None]]


class Jobs(Protocol):
    """What the read models say; the decision is taken on the log."""

    async def requested(self) -> Sequence[Job]: ...
    async def completed_before(self, moment: datetime) -> Sequence[UUID]: ...


class Making(Protocol):
    async def make(self, job: Job, progressed: Progressed) -> Made:
        """Stored under the export's id. Tells `progressed` now and then how many rows of how many
        are written, and lets through what that raises. Raises `Unavailable`."""
        ...

    def discard(self, exports: Sequence[UUID]) -> None:
        """Also what was never stored."""
        ...


class Handling(Protocol):
    async def load(self, stream: UUID, decider: Decider[S]) -> Stream[S]: ...
    async def handle(self, commands: Sequence[Command], request: CommandRequest) -> Outcome: ...


class Exporter:
    """One export at a time. One that is interrupted is made anew."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        making: Making,
        handler: Handling,
        log_id: UUID,
        clock: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._making = making
        self._handler = handler
        self._log_id = log_id
        self._clock = clock
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Some export was asked for, or cancelled."""
        self._changed.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            wait = _LOOK_EVERY
            self._changed.clear()
            try:
                await self.tick()
            except Exception as error:
                _log.exception("exports wait: %s", type(error).__name__)
                wait = _PAUSE
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            await asyncio.sleep(_TOGETHER)

    async def tick(self) -> None:
        for export in await self._jobs.completed_before(self._clock() - KEPT):
            with _others_going_on(export):
                await self._say(ExpireExport(stream=export), "expired")
                self._making.discard([export])
        for job in await self._jobs.requested():
            with _others_going_on(job.export):
                await self._make(job)

    async def _make(self, job: Job) -> None:
        async def still_wanted() -> None:
            stream: Stream[Any] = await self._handler.load(job.export, EXPORTS)
            if stream.state.status != "requested":
                raise Unwanted

        meter = Meter(self._clock)

        async def progressed(done: int, total: int) -> None:
            await still_wanted()
            if meter.is_due(done, total):
                report = ReportExport(stream=job.export, done=done, total=total)
                await self._say(report, f"progress {done}")

        try:
            await still_wanted()
        except Unwanted:  # the read model is behind
            return
        try:
            made = await self._making.make(job, progressed)
            done = CompleteExport(
                stream=job.export, rows=made.rows, size=made.size, sha256=made.sha256
            )
            await self._say(done, "done")
        except (Unwanted, Conflict, NotFound):
            self._making.discard([job.export])
        except Unavailable:
            raise
        except Exception as error:
            _log.exception("the export %s failed", job.export)
            self._making.discard([job.export])
            await self._say(FailExport(stream=job.export, reason=type(error).__name__), "done")

    async def _say(self, command: Command, what: str) -> None:
        id = uuid5(self._log_id, f"{command.stream}/export/{what}")
        request = CommandRequest(caller=Caller(), command_id=id, correlation=id, background=True)
        await self._handler.handle([command], request)


@contextmanager
def _others_going_on(export: UUID) -> Iterator[None]:
    """Although something on this one's record cannot be read now."""
    try:
        yield
    except Unavailable as refusal:
        if refusal.code != "unreadable":
            raise
        _log.warning("the export %s waits: %s", export, refusal.code)
