"""Moments and zones in words. A visit's times are its place's, and the page says so."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_interval, format_skeleton, get_timezone_location, get_timezone_name
from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.state_zones import clocks_of
from clinic.web.filters import local_time, long_date, short_date, weekday


def wall(start: int, zone: str) -> datetime:
    """The wall clock of ``zone`` at an instant in seconds."""
    return datetime.fromtimestamp(start, ZoneInfo(zone))


def time_words(start: int, zone: str, *, is_doubled: bool = False) -> str:
    """`1:30 AM`, or `1:30 AM EDT` where the clock passes that time twice."""
    at = wall(start, zone)
    words = local_time(at, zone=zone)
    return f"{words} {at.tzname()}" if is_doubled else words


def moment_words(at: datetime, *, zone: str) -> str:
    """`Tue, Nov 24, 9:20 AM`, with the zone's letters where the clock passes that time twice."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{short_date(local.date())}, {clock_words(at, zone=zone)}"


def clock_words(at: datetime, *, zone: str) -> str:
    """`9:20 AM` of an instant, with the zone's letters where the clock passes it twice."""
    local = at.astimezone(ZoneInfo(zone))
    other = local.replace(fold=1 - local.fold)
    is_doubled = other.utcoffset() != local.utcoffset()
    words = local_time(at, zone=zone)
    return f"{words} {local.tzname()}" if is_doubled else words


def slot_words(slot: Slot, zone: str) -> str:
    """`Tue, Nov 24, 9:20 AM` of a slot."""
    return moment_words(wall(slot.start, zone), zone=zone)


def long_lines(at: datetime, *, zone: str) -> tuple[str, str, str]:
    """`Tuesday`, `November 24` and `9:20 AM`, for the large lines of a ticket."""
    day = at.astimezone(ZoneInfo(zone)).date()
    date_words = str(format_skeleton("MMMMd", day, locale=_locale()))
    return weekday(day), date_words, clock_words(at, zone=zone)


def short_lines(at: datetime, *, zone: str) -> tuple[str, str]:
    """`Tue, Nov 24` and `9:20 AM`, for the large lines of a narrow card."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return short_date(day), clock_words(at, zone=zone)


def week_words(monday: date) -> str:
    """`November 23 – 29`."""
    words = format_interval(monday, monday + timedelta(days=6), "MMMMd", locale=_locale())
    return str(words).replace("\u2009", " ").replace("\u202f", " ")


def zone_words(zone: str) -> str:
    """`New York (Eastern Time)`."""
    return _zone_words(zone, _locale())


@lru_cache(maxsize=256)
def _zone_words(zone: str, locale: str) -> str:
    """The same in the language that is spoken now, which is the locale's."""
    city = get_timezone_location(zone, locale=locale, return_city=True)
    name = get_timezone_name(zone, width="long", zone_variant="generic", locale=locale)
    return str(_("%(city)s (%(name)s)", city=str(city), name=str(name)))


def _locale() -> str:
    return str(get_locale() or "en_US")


def week_clock(zone: str, *, is_video: bool) -> str:
    """By which clock the times of a week are meant; who is seen by video may live by another."""
    words = str(_("All times are clinic time: %(zone)s.", zone=zone_words(zone)))
    return f"{words} {_own_clock()}" if is_video else words


def visit_clock(zone: str, *, is_video: bool) -> str:
    """By which clock the time of a visit is meant."""
    words = str(_("Clinic time: %(zone)s", zone=zone_words(zone)))
    return f"{words}. {_own_clock()}" if is_video else words


def own_clock_words(at: datetime, *, zone: str, own: str) -> str:
    """`Tuesday, March 3, 7:00 AM, Los Angeles (Pacific Time)` by the patient's own clock; empty
    where it shows what the clock of ``zone`` shows."""
    local = at.astimezone(ZoneInfo(own))
    if local.utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset():
        return ""
    return f"{long_date(local.date())}, {clock_words(at, zone=own)}, {zone_words(own)}"


def own_lines(at: datetime, *, zone: str, own: str | None, state: str | None) -> tuple[str, ...]:
    """A moment by the patient's own clock, or where they told none by those of the state that they
    will be in; none where they show what the clock of ``zone`` shows."""
    zones = (own,) if own else clocks_of(state)
    told = [own_clock_words(at, zone=zone, own=one) for one in zones]
    return tuple(
        dict.fromkeys(str(_("Where you are: %(when)s", when=words)) for words in told if words)
    )


def _own_clock() -> str:
    return str(_("Where you are, your own clock may show another time."))
