"""Which days a window spans, and when they begin."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from events.refusals import Invalid
from queries.windows import last_days, midnight, read_optional, read_window

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def test_today_is_that_of_the_zone() -> None:
    assert last_days(7, NOW, "UTC").last == date(2026, 11, 20)
    ahead = last_days(7, NOW, "Europe/Rome")
    assert (ahead.first, ahead.last) == (date(2026, 11, 15), date(2026, 11, 21))


def test_days_have_as_many_hours_as_where_they_are() -> None:
    window = read_window("2026-03-28", "2026-03-30", "Europe/Rome", NOW, days=30)
    bounds = window.bounds("day")
    assert bounds[0] == datetime(2026, 3, 27, 23, tzinfo=UTC)
    lengths = [after - before for before, after in pairwise(bounds)]
    assert lengths == [timedelta(hours=24), timedelta(hours=23), timedelta(hours=24)]


def test_weeks_begin_on_monday_and_are_cut_at_the_ends() -> None:
    window = read_window("2026-11-05", "2026-11-17", "UTC", NOW, days=30)
    assert window.starts("week") == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    days = (date(2026, 11, day) for day in (5, 9, 16, 18))
    assert window.bounds("week") == [midnight(day, "UTC") for day in days]


def test_a_window_ends_today_unless_it_is_said() -> None:
    window = read_window(None, None, "UTC", NOW, days=30)
    assert (window.first, window.last) == (date(2026, 10, 22), date(2026, 11, 20))
    assert len(window.starts("day")) == 30
    assert read_optional(None, None, "UTC", NOW) == (None, None)
    assert read_optional(None, "2026-11-20", "UTC", NOW) == (
        None,
        datetime(2026, 11, 21, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        ("2026-11-20", "2026-11-19", "from"),
        ("soon", None, "from"),
        (None, "2026-02-30", "to"),
        ("20261120xx", None, "from"),
        ("0001-01-01", None, "from"),
        (None, "9999-12-31", "to"),
        ("2026-11-2", None, "from"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    begin: str | None, end: str | None, field: str
) -> None:
    for read in (lambda *asked: read_window(*asked, days=30), read_optional):
        with pytest.raises(Invalid) as refused:
            read(begin, end, "UTC", NOW)
        assert refused.value.field == field


def test_a_window_is_not_too_long() -> None:
    assert read_window("2016-12-01", "2026-11-20", "UTC", NOW, days=30)
    with pytest.raises(Invalid):
        read_window("2000-01-01", "2026-11-20", "UTC", NOW, days=30)
