"""Is this the name of a time zone?"""

from functools import cache
from zoneinfo import available_timezones

from events.refusals import Invalid


def known_zone(zone: str, field: str) -> str:
    """Raises `Invalid` naming `field`."""
    if zone not in known_zones():
        raise Invalid(
            "must be the name of a time zone, such as Europe/Rome",
            code="unknown-time-zone",
            field=field,
        )
    return zone


@cache
def known_zones() -> frozenset[str]:
    """Without the two names that are files of the database but no places."""
    return frozenset(available_timezones() - {"Factory", "localtime"})
