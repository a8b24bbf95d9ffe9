"""A visit for the patient's own calendar: when and where, and nothing of why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from clinic.scheduling.presenters.times import own_lines, zone_words
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.calendar_file import (
    CalendarEvent,
    Method,
    Party,
    calendar_feed,
    calendar_file,
)


def present_calendar_file(
    *,
    visit: Visit,
    clinic: str,
    base_url: str,
    now: datetime,
    method: Method | None = None,
    organizer: Party | None = None,
    attendee: Party | None = None,
) -> bytes:
    """The visit as an iCalendar file in the clinic's local time.

    Other people see calendars: no service, no practitioner, no name of the patient. Without a
    ``method`` it is published, or struck out once the visit is cancelled. A request needs both
    parties, else ValueError.
    """
    is_cancelled = visit.status == "cancelled"
    event = replace(
        _patients_event(visit, clinic, base_url),
        is_cancelled=is_cancelled,
        organizer=organizer,
        attendee=attendee,
    )
    chosen = method or (Method.CANCEL if is_cancelled else Method.PUBLISH)
    return calendar_file(event=event, method=chosen, now=now)


def present_feed(
    *,
    visits: Sequence[Visit],
    clinic: str,
    is_practitioners: bool,
    base_url: str,
    now: datetime,
) -> bytes:
    """Somebody's visits for a calendar program.

    A patient's tell no more than the file of one visit; a practitioner's name the reference, by
    which the desk finds the visit, and nobody.
    """
    if is_practitioners:
        events = [_practitioners_event(visit, base_url) for visit in visits]
    else:
        events = [_patients_event(visit, clinic, base_url) for visit in visits]
    return calendar_feed(events=events, name=str(_("Visits at %(clinic)s", clinic=clinic)), now=now)


def _patients_event(visit: Visit, clinic: str, base_url: str) -> CalendarEvent:
    return CalendarEvent(
        public_id=visit.public_id,
        version=visit.version,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.zone,
        summary=str(_("Visit at %(clinic)s", clinic=clinic)),
        description=_description(visit),
        place=_place(visit),
        url=f"{base_url}/visits/{visit_token(visit)}",
    )


def _practitioners_event(visit: Visit, base_url: str) -> CalendarEvent:
    return CalendarEvent(
        public_id=visit.public_id,
        version=visit.version,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.zone,
        summary=str(_("Visit %(reference)s", reference=visit.reference)),
        description=str(_("Who comes stands at the desk.")),
        place=_place(visit),
        url=f"{base_url}/desk/find?reference={visit.reference}",
    )


def _description(visit: Visit) -> str:
    clock = str(_("The time is clinic time: %(zone)s.", zone=zone_words(visit.zone)))
    lines = (
        own_lines(
            visit.starts_at, zone=visit.zone, own=visit.patient_zone, state=visit.patient_state
        )
        if visit.modality == "telehealth"
        else ()
    )
    return "\n".join((clock, *lines, str(_("To move or cancel the visit, open its page."))))


def _place(visit: Visit) -> str:
    if visit.modality == "telehealth":
        return str(_("By video"))
    lines = (visit.location_name, *visit.address.splitlines())
    return ", ".join(line.strip() for line in lines if line.strip())
