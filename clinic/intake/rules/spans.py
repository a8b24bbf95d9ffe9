"""FHIR dates, instants and times of day as spans, so that partial ones compare honestly.

"2022-06" is the whole month: it lies not after "2022-06-30", nor before it. Spans are half-open,
in microseconds from 0001-01-01 (dates, instants) or from midnight (times). An instant without an
offset is read as UTC. Patterns: http://hl7.org/fhir/R4/datatypes.html#primitive.
"""

import re
from datetime import date

Span = tuple[int, int]

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?")
_OFFSET = re.compile(r"Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")


def date_span(*, text: str) -> Span | None:
    """The span of a `date` (year, month or day); None when it is none."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1).toordinal()
    except ValueError:
        return None
    return first * _DAY, _end_ordinal(first, year or 0, month, day) * _DAY


def _end_ordinal(first: int, year: int, month: int | None, day: int | None) -> int:
    if day:
        return first + 1
    if month:
        long = (31, 29 if _is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        return first + long[month - 1]
    return first + (366 if _is_leap(year) else 365)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def time_span(*, text: str) -> Span | None:
    """The moment of a `time` (hh:mm:ss, fractions allowed); None when it is none."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(part) for part in found.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    micros = int(((found.group(4) or "") + "000000")[:6])
    start = ((hour * 60 + minute) * 60 + second) * _SECOND + micros
    return start, start + 1


def date_time_span(*, text: str) -> Span | None:
    """The span of a `dateTime`: a date, or a moment with its offset; None when it is none."""
    day, has_time, rest = text.partition("T")
    first = date_span(text=day)
    if not has_time or first is None:
        return None if has_time else first
    if len(day) != len("2022-06-30"):
        return None
    clock, offset = _without_offset(rest)
    moment = time_span(text=clock)
    if moment is None:
        return None
    start = first[0] + moment[0] - offset
    return start, start + 1


def _without_offset(rest: str) -> tuple[str, int]:
    """Time of day and its offset in microseconds; one that is no offset is left on the time."""
    if rest.endswith("Z"):
        return rest[:-1], 0
    sign, clock, zone = rest[-6:-5], rest[:-6], rest[-6:]
    if sign not in {"+", "-"} or not _OFFSET.fullmatch(zone):
        return rest, 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return clock, (minutes if sign == "+" else -minutes) * 60 * _SECOND
