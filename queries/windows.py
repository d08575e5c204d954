"""Which days does a question span, and at what instants do they begin where the caller lives?

Instants are worked out here and handed to Postgres, so that its list of zones need not be ours.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from events.refusals import Invalid

Grain = Literal["day", "week"]
LONGEST = 3_660
_EARLIEST, _LATEST = date(1900, 1, 1), date(9990, 1, 1)
_DAY = timedelta(days=1)


class Window(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Both days belong to it."""

    first: date
    last: date
    zone: str

    @property
    def begin(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return midnight(self.last + _DAY, self.zone)

    def starts(self, grain: Grain) -> list[date]:
        """The days, or the Mondays of the weeks, that it spans; weeks may be cut at its ends."""
        if grain == "day":
            return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]
        monday = self.first - self.first.weekday() * _DAY
        return [monday + 7 * n * _DAY for n in range((self.last - monday).days // 7 + 1)]

    def bounds(self, grain: Grain) -> list[datetime]:
        """When each begins, and when the last one ends."""
        later = [midnight(day, self.zone) for day in self.starts(grain)[1:]]
        return [self.begin, *later, self.end]


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def last_days(days: int, now: datetime, zone: str) -> Window:
    """That many days, today included."""
    last = today(now, zone)
    return Window(last - (days - 1) * _DAY, last, zone)


def read_window(
    begin: str | None, end: str | None, zone: str, now: datetime, *, days: int
) -> Window:
    """Until today and `days` long, as far as nothing else is said. Raises `Invalid`."""
    last = _day(end, "to") if end is not None else today(now, zone)
    first = _day(begin, "from") if begin is not None else last - (days - 1) * _DAY
    if first > last:
        raise Invalid(f"must not be after `to`, which is {last}", field="from")
    if (last - first).days >= LONGEST:
        raise Invalid(f"a window has at most {LONGEST} days", field="from")
    return Window(first, last, zone)


def read_optional(
    begin: str | None, end: str | None, zone: str, now: datetime
) -> Sequence[datetime | None]:
    """Begin and end as instants, None for an end that is open. Raises `Invalid`."""
    if begin is None and end is None:
        return None, None
    first = _day(begin, "from") if begin is not None else None
    last = _day(end, "to") if end is not None else None
    if first and last and first > last:
        raise Invalid(f"must not be after `to`, which is {last}", field="from")
    return (
        midnight(first, zone) if first else None,
        midnight(last + _DAY, zone) if last else None,
    )


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or str(day) != text or not _EARLIEST <= day < _LATEST:
        raise Invalid("must be a date, such as 2026-11-20", field=field)
    return day
