"""Local wall time and instants, by the rules of clock changes.

Instants are whole seconds since 1970-01-01T00:00Z, minutes count from local midnight, zones are
IANA names. A wall time that happens twice has two passes; one that a change skips has none.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinic.scheduling.rules.setting import MINUTES_OF_A_DAY

_DAY_SECONDS = 86_400
_CALENDAR = (
    int(datetime(1, 1, 10, tzinfo=UTC).timestamp()),
    int(datetime(9999, 12, 20, tzinfo=UTC).timestamp()),
)
# No change of any zone moves its clock over midnight by more than this, the skipped days of the
# date line apart, and those make the two offsets differ.
_CHANGE_REACH_SECONDS = 14_400


def edge(*, day: date, minute: int, zone: str, last: bool) -> int:
    """The instant at which hours begin (`last` false) or end (`last` true) on a local day.

    Of a doubled hour a beginning is the first pass and an end the second; 1440 is the first
    midnight of the next day; a minute inside a skipped hour is the moment of the change.
    """
    if minute == MINUTES_OF_A_DAY:
        return edge(day=day + timedelta(days=1), minute=0, zone=zone, last=False)
    first_pass, second_pass = _passes(day, minute, ZoneInfo(zone))
    if first_pass > second_pass:
        return _moment_of_change(second_pass, first_pass, ZoneInfo(zone))
    return second_pass if last else first_pass


def start_of_day(*, day: date, zone: str) -> int:
    """The first instant of a local date; of a date that was skipped, the moment of the change."""
    return edge(day=day, minute=0, zone=zone, last=False)


def local_date(*, instant: int, zone: str) -> date:
    """The date on the wall at an instant; kept some days inside what the calendar can say."""
    instant = min(max(instant, _CALENDAR[0]), _CALENDAR[1])
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def at_wall_time(*, day: date, minute: int, zone: str) -> int | None:
    """The instant of a wall time, its first pass when it happens twice; None when it is skipped."""
    first_pass, second_pass = _passes(day, minute, ZoneInfo(zone))
    return first_pass if first_pass <= second_pass else None


def minute_of_day(*, instant: int, zone: str) -> int:
    """Minutes on the wall clock since 00:00, whatever the clock did meanwhile."""
    wall = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return wall.hour * 60 + wall.minute


@lru_cache(maxsize=256)
def grid_starts(*, day: date, grid_minutes: int, zone: str) -> tuple[int, ...]:
    """All instants of a local date whose wall clock is a multiple of the grid, in order.

    Skipped ones are absent, both passes of doubled ones are present.
    """
    if _is_plain_day(day, ZoneInfo(zone)):
        midnight = start_of_day(day=day, zone=zone)
        return tuple(range(midnight, midnight + _DAY_SECONDS, grid_minutes * 60))
    instants: set[int] = set()
    for minute in range(0, MINUTES_OF_A_DAY, grid_minutes):
        first_pass, second_pass = _passes(day, minute, ZoneInfo(zone))
        if first_pass <= second_pass:
            instants.update((first_pass, second_pass))
    return tuple(sorted(instants))


def _passes(day: date, minute: int, zone: ZoneInfo) -> tuple[int, int]:
    """The instant of a wall time with the offsets before and after a change (PEP 495's folds).

    Equal for an ordinary time, rising for a doubled one, falling for a skipped one.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return int(wall.timestamp()), int(wall.replace(fold=1).timestamp())


def _moment_of_change(before: int, after: int, zone: ZoneInfo) -> int:
    """The first instant with the offset of `after`, by halving."""
    target = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == target:
            after = middle
        else:
            before = middle
    return after


def _is_plain_day(day: date, zone: ZoneInfo) -> bool:
    """Whether a day has its one midnight and no clock change is near."""
    midnight, second_midnight = _passes(day, 0, zone)
    beyond = midnight + _DAY_SECONDS + _CHANGE_REACH_SECONDS
    return midnight == second_midnight and _offset(midnight, zone) == _offset(beyond, zone)


def _offset(instant: int, zone: ZoneInfo) -> timedelta:
    # zoneinfo always knows an offset; the fallback is for the type checker.
    return datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset() or timedelta(0)
