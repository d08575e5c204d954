"""When is the progress of an export worth an event?"""

from collections.abc import Callable
from datetime import datetime, timedelta

STEPS = 20
_PAUSE = timedelta(seconds=1)


class Meter:
    """At each twentieth of the work and once a second at most, so that no job leaves more than
    twenty on the log. The end is not told: that it is completed says as much."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._done = 0
        self._told_at: datetime | None = None

    def is_due(self, done: int, total: int) -> bool:
        now = self._clock()
        if done >= total or (done - self._done) * STEPS < total:
            return False
        if self._told_at is not None and now - self._told_at < _PAUSE:
            return False
        self._done, self._told_at = done, now
        return True
