"""A visit as an iCalendar file (RFC 5545, methods of RFC 5546). Words come in, bytes go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from clinic.scheduling.rules.calendar_lines import line, parameter, words

if TYPE_CHECKING:
    from icalendar import Calendar

VISITS = UUID("6f0c1f5e-5a0b-4b6e-9d53-3d1c7b1f6a52")
"""The name space of visits: a UID must never change, so neither may this."""

ZONE_KNOWN_FOR = timedelta(days=400)
LONGEST_MONTH = timedelta(days=31)

_BEGIN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Clinic front door//Visits//EN\r\n"
_END = b"END:VCALENDAR\r\n"
_BEGIN_EVENT = b"BEGIN:VEVENT\r\n"
_END_EVENT = b"END:VEVENT\r\n"


class Method(StrEnum):
    """What the file asks of a calendar: note it, answer it, or strike it out."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Who invites, or who is invited."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One visit for a calendar. ``version`` is the visit's own: it grows with each change.

    ``url`` opens the visit; ``is_cancelled`` strikes it out whatever the method.
    """

    public_id: str
    version: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    description: str
    place: str
    url: str
    is_cancelled: bool = False
    organizer: Party | None = None
    attendee: Party | None = None


def calendar_file(*, event: CalendarEvent, method: Method, now: datetime) -> bytes:
    """The event as the bytes of a `text/calendar` file.

    Every file of one visit has the same UID; a later version has a higher SEQUENCE, so calendars
    replace what they knew. Times are the zone's wall clock with its VTIMEZONE. ValueError when a
    REQUEST lacks its two parties.
    """
    if method is Method.REQUEST and not (event.organizer and event.attendee):
        raise ValueError("a request names who invites and who is invited")
    zones = _zones_of([event])
    return b"".join((_head(method), zones, _event(event, method, now), _END))


def calendar_feed(*, events: Sequence[CalendarEvent], name: str, now: datetime) -> bytes:
    """Many visits as one file that a calendar program fetches again and again.

    What is not in it any more is gone from the program too; it is asked to come once an hour
    (RFC 7986, 5.7).
    """
    parts = [
        _head(Method.PUBLISH),
        line("NAME", words(name)),
        line("X-WR-CALNAME", words(name)),
        line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
        _zones_of(events),
    ]
    parts += [_event(event, Method.PUBLISH, now) for event in events]
    return b"".join((*parts, _END))


def _head(method: Method) -> bytes:
    return _BEGIN + line("METHOD", method.value)


def visit_uid(public_id: str) -> str:
    """The UID of a visit in calendars: the same for ever, and its public id cannot be read off."""
    return str(uuid5(VISITS, public_id))


def _event(event: CalendarEvent, method: Method, now: datetime) -> bytes:
    starts, ends = _wall_times(event)
    is_over = event.is_cancelled or method is Method.CANCEL
    lines = [
        _BEGIN_EVENT,
        line("SUMMARY", words(event.summary)),
        _time("DTSTART", starts, event.zone),
        _time("DTEND", ends, event.zone),
        _time("DTSTAMP", now.astimezone(UTC), event.zone),
        line("UID", visit_uid(event.public_id)),
        line("SEQUENCE", str(event.version)),
        line("CLASS", "PRIVATE"),
        line("DESCRIPTION", words(event.description)),
        line("LOCATION", words(event.place)),
        line("STATUS", "CANCELLED" if is_over else "CONFIRMED"),
        line("TRANSP", "TRANSPARENT" if is_over else "OPAQUE"),
        line("URL", event.url),
    ]
    if event.organizer:
        lines.append(_address("ORGANIZER", event.organizer))
    if event.attendee and method is not Method.PUBLISH:
        lines.append(_address("ATTENDEE", event.attendee))
    return b"".join((*lines, _END_EVENT))


def _time(name: str, at: datetime, zone: str) -> bytes:
    """A moment, in UTC or by the clock of the zone that it names."""
    if at.tzinfo is UTC:
        return line(name, f"{at:%Y%m%dT%H%M%SZ}")
    return line(f"{name};TZID={zone}", f"{at:%Y%m%dT%H%M%S}")


def _address(name: str, party: Party) -> bytes:
    return line(f"{name};CN={parameter(party.name)}", f"mailto:{party.email}")


def _wall_times(event: CalendarEvent) -> tuple[datetime, datetime]:
    """Both ends on the zone's clock; in UTC when one lies in the second pass of a doubled hour,
    because a wall time in a calendar file always means the first (RFC 5545, 3.3.5)."""
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if starts.fold or ends.fold:
        return event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)
    return starts, ends


def _zones_of(events: Sequence[CalendarEvent]) -> bytes:
    """The VTIMEZONE of each clock that is named: for the months around all, so that many files
    share one."""
    told = [(one.zone, *_wall_times(one)) for one in events]
    local = [(zone, starts, ends) for zone, starts, ends in told if starts.tzinfo is not UTC]
    if not local:
        return b""
    first = min(starts.date() for _, starts, _ in local).replace(day=1) - ZONE_KNOWN_FOR
    last = max(ends.date() for *_, ends in local).replace(day=1) + ZONE_KNOWN_FOR + LONGEST_MONTH
    zones = dict.fromkeys(zone for zone, *_ in local)
    return b"".join(_zone_lines(zone, first, last) for zone in zones)


@lru_cache(maxsize=256)
def _zone_lines(zone: str, first: date, last: date) -> bytes:
    """The library works a zone out from its clock, which takes longer than all else in a file."""
    from icalendar import Calendar, Event

    calendar, event = Calendar(), Event()
    event.add("dtstart", datetime(first.year, first.month, first.day, 12, tzinfo=ZoneInfo(zone)))
    calendar.add_component(event)
    calendar.add_missing_timezones(first, last)
    _mend_onsets(calendar)
    return b"".join(bytes(part.to_ical()) for part in calendar.walk("VTIMEZONE"))


def _mend_onsets(calendar: "Calendar") -> None:
    """An onset is told by the clock before it (RFC 5545, 3.6.5). The library tells those at which
    clocks go forward by the clock after it, an hour too late."""
    observances: list[Any] = [
        part for zone in calendar.walk("VTIMEZONE") for part in zone.subcomponents
    ]
    for part in observances:
        gained = part["TZOFFSETTO"].td - part["TZOFFSETFROM"].td
        if gained <= timedelta(0):
            continue
        onsets = [part["DTSTART"].dt]
        if "RDATE" in part:
            onsets += [one.dt for one in part["RDATE"].dts]
        first, *others = [onset - gained for onset in onsets]
        part.pop("DTSTART")
        part.add("dtstart", first)
        if others:
            part.pop("RDATE")
            part.add("rdate", others)
