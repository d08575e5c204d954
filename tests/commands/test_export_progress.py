"""How often an export tells how far it is."""

from datetime import timedelta

from commands.export_progress import STEPS, Meter
from tests.support.given import NOW


def told(total: int, page: int, pace: timedelta) -> list[int]:
    """What is told of an export of so many rows, when each page takes that long."""
    now = NOW
    meter = Meter(lambda: now)
    found = []
    for done in range(page, total + page, page):
        now += pace
        if meter.is_due(min(done, total), total):
            found.append(min(done, total))
    return found


def test_a_small_export_tells_nothing() -> None:
    assert told(2_000, 2_000, timedelta(minutes=1)) == []
    assert told(0, 2_000, timedelta(minutes=1)) == []


def test_a_slow_one_tells_of_each_twentieth() -> None:
    assert told(100_000, 1_000, timedelta(minutes=1)) == list(range(5_000, 100_000, 5_000))
    assert len(told(10**6, 2_000, timedelta(hours=1))) == STEPS - 1


def test_a_fast_one_tells_once_a_second() -> None:
    assert told(100_000, 5_000, timedelta(milliseconds=250)) == [
        5_000,
        25_000,
        45_000,
        65_000,
        85_000,
    ]
