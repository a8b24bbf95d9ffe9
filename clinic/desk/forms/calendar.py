"""What staff ask of the calendar: which days, a visit's new time, time to keep free."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.desk.forms.booking import read_moment, read_reason
from clinic.desk.presenters.asking import today_in
from clinic.desk.presenters.calendar_asking import CalendarAsk, View
from clinic.scheduling.operations.moving import Change
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.week_address import read_date

_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BlockAsk:
    """Time to be kept free; None where something is missing or is no time."""

    resource: str
    kind: str
    starts_at: datetime | None
    ends_at: datetime | None
    beside_visits: bool


def read_calendar_ask(*, args: Mapping[str, str], setting: Setting, now: datetime) -> CalendarAsk:
    """The calendar in an address; what is not known there counts as not said."""
    location = args.get("location", "")
    place = setting.locations.get(location)
    zone = place.zone if place else setting.zone
    today = today_in(zone, now)
    view = View(text) if (text := args.get("view", "")) in list(View) else View.DAY
    who = args.get("practitioner", "")
    person = who if who in setting.practitioners else None
    if view is View.WEEK and person is None:
        person = next(iter(setting.practitioners), None)
    return CalendarAsk(
        day=read_date(args.get("date", "")) or today,
        today=today,
        zone=zone,
        view=view if person or view is not View.WEEK else View.DAY,
        practitioner=None if view is View.ROOMS else person,
        location=location if place else None,
    )


def read_change(*, values: Mapping[str, str], visit: Visit) -> Change | None:
    """What is to be different with a visit; None for what is no time of that day.

    What is not sent stays. A room is exchanged for another (``room_from``, ``room_to``).
    """
    starts_at = read_moment(values=values, zone=visit.zone)
    if starts_at is None and values.get("time"):
        return None
    version = values.get("version", "")
    minutes = values.get("minutes", "")
    who = values.get("practitioner", "")
    return Change(
        version=int(version) if _NUMBER.fullmatch(version) else 0,
        starts_at=starts_at,
        practitioner=who if who and who != visit.practitioner else None,
        rooms=_rooms(values, visit),
        minutes=int(minutes) if _NUMBER.fullmatch(minutes) else None,
        override_reason=read_reason(values.get("reason", "")),
    )


def _rooms(values: Mapping[str, str], visit: Visit) -> tuple[str, ...] | None:
    old, new = values.get("room_from", ""), values.get("room_to", "")
    if not new or old == new or old not in visit.resources:
        return None
    return tuple(new if slug == old else slug for slug in visit.resources)


def read_block(*, values: Mapping[str, str], zone: str) -> BlockAsk:
    """Time to be kept free: a date, a time and either an end or so many minutes."""
    begins = read_moment(values=values, zone=zone)
    ends = read_moment(values={**values, "time": values.get("until", "")}, zone=zone)
    minutes = values.get("minutes", "")
    if begins is not None and ends is None and _NUMBER.fullmatch(minutes):
        ends = begins + timedelta(minutes=min(int(minutes), 1440))
    return BlockAsk(
        resource=values.get("resource", "")[:64],
        kind=values.get("kind", "")[:10],
        starts_at=begins,
        ends_at=ends,
        beside_visits=values.get("beside_visits") == "1",
    )


def read_day(values: Mapping[str, str], today: date) -> date:
    """The date of a form or address, else today."""
    return read_date(values.get("date", "")) or today
