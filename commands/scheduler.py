"""The agent that notices what falls overdue, at that moment."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid5

import msgspec

from commands.base import Command
from commands.handler import Outcome
from commands.overdue import AnnounceOverdue, announcement_of
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Refusal

_log = logging.getLogger(__name__)

SWEEP = timedelta(minutes=5)
# How far back every tick looks; what lies further back waits for the sweep, which looks at all.
RECENT = timedelta(days=1)
PAGE = 200
_EVER = datetime(1, 1, 1, tzinfo=UTC)
_PAUSE = 1.0
_SHORTEST = 0.01


class Due(msgspec.Struct, frozen=True):
    """An open task whose moment, `due_on` or `due_at`, has passed unannounced. `moment` is when
    that was; `versions` are those of the task and its workspace that say so."""

    task: UUID
    workspace: UUID
    due_on: date | None
    due_at: datetime | None
    moment: datetime
    versions: tuple[int, int]


class Deadlines(Protocol):
    """What the read models say; the decision is taken on the log."""

    async def passed(
        self, now: datetime, since: datetime, after: UUID | None, limit: int
    ) -> Sequence[Due]: ...
    async def next(self, now: datetime, before: datetime) -> datetime | None: ...


class Handling(Protocol):
    async def handle(self, commands: Sequence[Command], request: CommandRequest) -> Outcome: ...


class OverdueScheduler:
    """Wakes at the next due moment that it knows of, when told that something changed, and every
    `SWEEP`. Any number of ticks announce a moment once."""

    def __init__(
        self,
        *,
        deadlines: Deadlines,
        handler: Handling,
        log_id: UUID,
        clock: Callable[[], datetime],
    ) -> None:
        self._deadlines = deadlines
        self._handler = handler
        self._log_id = log_id
        self._clock = clock
        self._changed = asyncio.Event()
        self._swept = _EVER

    def changed(self) -> None:
        """Tasks or time zones have changed."""
        self._changed.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            wait = SWEEP.total_seconds()
            try:
                self._changed.clear()
                await self.tick()
                wait = await self._until_next()
            except Exception as error:
                # Its message may quote what people wrote.
                _log.warning("overdue tasks wait: %s", type(error).__name__)
                wait = _PAUSE
            await self._rest(wait)

    async def tick(self) -> int:
        """Announce what has passed; how many tasks that were."""
        now, count, after = self._clock(), 0, None
        sweep = abs(now - self._swept) >= SWEEP
        since = _EVER if sweep else now - RECENT
        while page := await self._deadlines.passed(now, since, after, PAGE):
            for due in page:
                count += await self._announce(due)
            after = page[-1].task
        self._swept = now if sweep else self._swept
        return count

    async def _announce(self, due: Due) -> int:
        """Whatever changed since is decided anew: so both versions are part of the command's id."""
        stream = announcement_of(due.task, due.due_on, due.due_at)
        task_version, workspace_version = due.versions
        id = uuid5(self._log_id, f"{stream}/{task_version}/{workspace_version}/overdue")
        command = AnnounceOverdue(
            stream=stream,
            workspace=due.workspace,
            task=due.task,
            due_on=due.due_on,
            due_at=due.due_at,
        )
        request = CommandRequest(
            caller=Caller(),
            command_id=id,
            correlation=id,
            replayable=True,
            occurred_at=due.moment,
            background=True,
        )
        try:
            outcome = await self._handler.handle([command], request)
        except Refusal as refusal:
            _log.warning("task %s is announced later: %s", due.task, refusal.code)
            return 0
        except Exception as error:  # of this one; the others do not wait for it
            _log.error("task %s cannot be announced: %s", due.task, type(error).__name__)
            return 0
        return 0 if outcome.replayed else outcome.event_count

    async def _until_next(self) -> float:
        now = self._clock()
        moment = await self._deadlines.next(now, now + SWEEP)
        left = (moment - self._clock() if moment else SWEEP).total_seconds()
        return max(left + _SHORTEST, _SHORTEST)

    async def _rest(self, seconds: float) -> None:
        """Changes are looked at together, and no due moment is missed for them."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()
        await asyncio.sleep(max(0.0, min(_PAUSE, until - loop.time())))
