"""Dates and instants of the interface: RFC 3339, UTC with "Z" going out."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_INSTANT = re.compile(
    r"(?P<whole>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,30}))?"
    r"(?P<offset>[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9990, 1, 1, tzinfo=UTC)
"""The calendar of the programming language ends with 9999; sums must not run over it."""


def read_instant(*, text: str) -> datetime:
    """An aware UTC instant of a date-time with its offset; ValueError for anything else.

    A fraction of a second is a fault unless it is zero: visits start at whole seconds.
    """
    match = _INSTANT.fullmatch(text)
    if match is None or (match["fraction"] or "0").strip("0"):
        raise ValueError("not a date-time of RFC 3339 with whole seconds")
    offset = match["offset"].upper().replace("Z", "+00:00")
    try:
        found = datetime.fromisoformat(match["whole"].upper() + offset).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None
    if not EARLIEST <= found < LATEST:
        raise ValueError("outside the calendar")
    return found


def read_date(*, text: str) -> date:
    """A date written YYYY-MM-DD; ValueError for anything else and for days that do not exist."""
    if not _DATE.fullmatch(text):
        raise ValueError("not a date")
    found = date.fromisoformat(text)
    if not EARLIEST.date() <= found < LATEST.date():
        raise ValueError("outside the calendar")
    return found


def utc_text(at: datetime) -> str:
    """An instant in UTC with "Z"."""
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def local_text(at: datetime, *, zone: str) -> str:
    """An instant on the wall clock of a zone, with its offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
