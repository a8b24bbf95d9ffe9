"""A visit as an iCalendar file (RFC 5545, methods of RFC 5546). Words come in, bytes go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

VISITS = UUID("6f0c1f5e-5a0b-4b6e-9d53-3d1c7b1f6a52")
"""The name space of visits: a UID must never change, so neither may this."""

ZONE_KNOWN_FOR = timedelta(days=400)
LONGEST_MONTH = timedelta(days=31)


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
    from icalendar import Calendar

    if method is Method.REQUEST and not (event.organizer and event.attendee):
        raise ValueError("a request names who invites and who is invited")
    calendar = Calendar()
    calendar.add("prodid", "-//Clinic front door//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    calendar.add_component(_event(event, method, now))
    head, begins, rest = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT\r\n")
    return head + _zone_of(event) + begins + rest


def calendar_feed(*, events: Sequence[CalendarEvent], name: str, now: datetime) -> bytes:
    """Many visits as one file that a calendar program fetches again and again.

    What is not in it any more is gone from the program too; it is asked to come once an hour
    (RFC 7986, 5.7).
    """
    from icalendar import Calendar, vDuration, vText

    calendar = Calendar()
    calendar.add("prodid", "-//Clinic front door//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", Method.PUBLISH.value)
    calendar.add("name", name)
    calendar["X-WR-CALNAME"] = vText(name)
    calendar.add("refresh-interval", vDuration(timedelta(hours=1)), {"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(_event(event, Method.PUBLISH, now))
    if events:
        first = min(event.starts_at for event in events) - ZONE_KNOWN_FOR
        last = max(event.ends_at for event in events) + ZONE_KNOWN_FOR
        calendar.add_missing_timezones(first.date(), last.date())
        _mend_onsets(calendar)
    return bytes(calendar.to_ical())


def visit_uid(public_id: str) -> str:
    """The UID of a visit in calendars: the same for ever, and its public id cannot be read off."""
    return str(uuid5(VISITS, public_id))


def _event(event: CalendarEvent, method: Method, now: datetime) -> "Event":
    from icalendar import Event

    starts, ends = _wall_times(event)
    is_over = event.is_cancelled or method is Method.CANCEL
    made = Event()
    made.add("uid", visit_uid(event.public_id))
    made.add("sequence", event.version)
    made.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    made.add("dtstart", starts)
    made.add("dtend", ends)
    made.add("summary", event.summary)
    made.add("description", event.description)
    made.add("location", event.place)
    made.add("url", event.url)
    made.add("class", "PRIVATE")
    made.add("status", "CANCELLED" if is_over else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if is_over else "OPAQUE")
    if event.organizer:
        made.add("organizer", _address(event.organizer))
    if event.attendee and method is not Method.PUBLISH:
        made.add("attendee", _address(event.attendee))
    return made


def _address(party: Party) -> "vCalAddress":
    from icalendar import vCalAddress

    address = vCalAddress(f"mailto:{party.email}")
    address.params["CN"] = party.name
    return address


def _wall_times(event: CalendarEvent) -> tuple[datetime, datetime]:
    """Both ends on the zone's clock; in UTC when one lies in the second pass of a doubled hour,
    because a wall time in a calendar file always means the first (RFC 5545, 3.3.5)."""
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if starts.fold or ends.fold:
        return event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)
    return starts, ends


def _zone_of(event: CalendarEvent) -> bytes:
    """The VTIMEZONE of a visit's clock: for the months around it, so that many share one."""
    starts, ends = _wall_times(event)
    if starts.tzinfo is UTC:
        return b""
    first = starts.date().replace(day=1) - ZONE_KNOWN_FOR
    last = ends.date().replace(day=1) + ZONE_KNOWN_FOR + LONGEST_MONTH
    return _zone_lines(event.zone, first, last)


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
