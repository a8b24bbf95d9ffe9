"""Moments of the lab in words; always by the clock of the place."""

from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.web.filters import full_date, local_time, short_date


def moment(at: datetime, *, zone: str) -> str:
    """`Tue, Dec 1, 11:00 AM`, with the zone's letters where the clock passes that time twice."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{short_date(local.date())}, {time_of_day(at, zone=zone)}"


def long_moment(at: datetime, *, zone: str) -> str:
    """`November 23, 2026, 10:41 AM`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{full_date(local.date())}, {time_of_day(at, zone=zone)}"


def time_of_day(at: datetime, *, zone: str) -> str:
    """`11:00 AM`."""
    local = at.astimezone(ZoneInfo(zone))
    doubled = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    words = local_time(at, zone=zone)
    return f"{words} {local.tzname()}" if doubled else words
