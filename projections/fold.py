"""What a batch of events makes of the rows that it touches: pure, in memory."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any
from uuid import UUID

import msgspec

from events.envelope import Recorded, Unreadable
from projections.cache import Cache
from projections.table import Key, Projection, Row

LATER = "an earlier event of this stream is parked"

Rows = dict[Key, Row | None]
Touches = tuple[tuple[int, Key], ...]


class Poison(Exception):
    """An event that cannot be projected."""


class Letter(msgspec.Struct, frozen=True):
    """An event to park, and why."""

    recorded: Recorded
    reason: str


class Plan:
    """Which rows a batch touches; `missing` are those to look up before `run`."""

    def __init__(
        self,
        projection: Projection,
        events: Iterable[Recorded],
        parked: set[UUID],
        caches: Sequence[Cache],
    ) -> None:
        self._projection = projection
        self.parked = set(parked)
        self._caches = caches
        self._steps: list[tuple[Recorded, Touches]] = []
        tables = projection.tables
        self.before: list[Rows] = [{} for _ in tables]
        self.rows: list[Rows] = [{} for _ in tables]
        self.missing: list[list[Key]] = [[] for _ in tables]
        self.letters: list[Letter] = []
        for recorded in events:
            self._add(recorded)

    def run(self) -> None:
        """Fold. Raises `Poison` at the first event that does not pass."""
        tables = self._projection.tables
        for known, rows in zip(self.before, self.rows, strict=True):
            rows.update(known)
        for recorded, touches in self._steps:
            try:
                after = [tables[n].after(self.rows[n][key], recorded, key) for n, key in touches]
            except Exception as error:
                raise Poison(reason_of(error)) from error
            for (n, key), row in zip(touches, after, strict=True):
                self.rows[n][key] = row

    def park(self, recorded: Recorded, reason: str) -> None:
        self.letters.append(Letter(recorded, reason))
        self.parked.add(recorded.stream)

    def written(self, n: int) -> list[Row]:
        before = self.before[n]
        return [row for key, row in self.rows[n].items() if row and row is not before[key]]

    def deleted(self, n: int) -> list[Key]:
        before = self.before[n]
        return [key for key, row in self.rows[n].items() if row is None and before[key]]

    def _add(self, recorded: Recorded) -> None:
        if not self._projection.takes(recorded):
            return
        if recorded.stream in self.parked:
            self.letters.append(Letter(recorded, LATER))
        elif isinstance(recorded.fact, Unreadable):
            self.park(recorded, recorded.fact.reason)
        else:
            self._touch(recorded)

    def _touch(self, recorded: Recorded) -> None:
        tables = self._projection.tables
        touches: list[tuple[int, Key]] = []
        try:
            for n in self._projection.routes[recorded.topic]:
                touches += [(n, key) for key in tables[n].keys(recorded)]
        except Exception as error:
            raise Poison(reason_of(error)) from error
        for n, key in touches:
            if key in self.before[n]:
                continue
            if key in self._caches[n]:
                self.before[n][key] = self._caches[n][key]
                continue
            self.before[n][key] = None
            if not tables[n].is_first(recorded):
                self.missing[n].append(key)
        self._steps.append((recorded, tuple(touches)))


def reason_of(error: BaseException) -> str:
    """What failed and where. The message stays out: it may quote what people wrote."""
    state = getattr(error, "sqlstate", None)
    frames: Any = extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{f' {state}' if state else ''}{where}"
