"""Free times of the lab: the first few, and a week of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from flask_babel import gettext as _

from clinic.gait.presenters.times import moment, time_of_day
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.weeks import Week, monday_of
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.why import DayPlan, Kind
from clinic.web.filters import short_date

FIRST_DAYS = 3
FIRST_TIMES = 4


@dataclass(frozen=True, slots=True)
class LabTime:
    """A free time as a button. ``value`` is what it sends: the start in epoch seconds."""

    label: str
    value: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class LabDay:
    """A day with its free times, or ``why`` it has none."""

    heading: str
    slots: tuple[LabTime, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabWeek:
    """A week of free times with the ways around it; ``next_free`` leads on from an empty one."""

    days: tuple[LabDay, ...]
    earlier: str
    later: str
    next_free: str
    next_words: str
    note: str


def present_first_times(*, week: Week, setting: Setting, service: str) -> LabWeek:
    """The first days with free times, a few of each."""
    slots = [*(slot for plan in week.plans for slot in plan.slots), *week.later]
    days = _days(slots, week.zone)[:FIRST_DAYS]
    short = tuple(LabDay(day.heading, day.slots[:FIRST_TIMES]) for day in days)
    return LabWeek(
        days=short,
        earlier="",
        later="",
        next_free="",
        next_words="",
        note=_note(slots, setting, setting.services[service]),
    )


def present_lab_week(
    *, week: Week, setting: Setting, service: str, path: str, state: str | None = None
) -> LabWeek:
    """One week of free times; ``state`` is kept in the addresses of the weeks around."""
    path = f"{path}?{urlencode({'state': state})}" if state else path
    slots = [slot for plan in week.plans for slot in plan.slots]
    first = next(iter(week.later), None) if not slots else None
    first = first or (week.first if not slots else None)
    return LabWeek(
        days=_whole_days(week) if slots else (),
        earlier=_neighbour(week, path, -1),
        later=_neighbour(week, path, 1),
        next_free=_week_of(first, week, path) if first else "",
        next_words=moment(instant(first.start), zone=week.zone) if first else "",
        note=_note(slots or [*week.later], setting, setting.services[service]),
    )


def present_instead(*, slots: tuple[Slot, ...], setting: Setting) -> tuple[LabTime, ...]:
    """Free times with their days, for who was just too late for another; each start once."""
    zones = {slot.start: setting.locations[slot.location].zone for slot in slots}
    return tuple(
        LabTime(moment(instant(start), zone=zone), str(start)) for start, zone in zones.items()
    )


def _days(slots: list[Slot], zone: str) -> tuple[LabDay, ...]:
    found = []
    for day, group in groupby(slots, key=lambda slot: local_date(instant=slot.start, zone=zone)):
        starts = dict.fromkeys(slot.start for slot in group)  # once, whoever measures
        times = tuple(LabTime(time_of_day(instant(at), zone=zone), str(at)) for at in starts)
        found.append(LabDay(short_date(day), times))
    return tuple(found)


def _whole_days(week: Week) -> tuple[LabDay, ...]:
    """Each day of the week that is not over; one without times says why."""
    found: list[LabDay] = []
    for plan in week.plans:
        if plan.slots:
            found += _days(list(plan.slots), week.zone)
        elif why := _why(plan):
            found.append(LabDay(short_date(plan.day), (), why))
    return tuple(found)


def _why(plan: DayPlan) -> str:
    """Why nobody can be measured on a day; nothing of one that is over."""
    kind = plan.why[0].kind if plan.why else Kind.FULL
    if kind is Kind.CLOSURE:
        return str(_("Closed: %(reason)s.", reason=(plan.why[0].reason or "").rstrip(".")))
    words = {
        Kind.PAST: "",
        Kind.HOURS: _("The lab is not staffed on this day."),
        Kind.FULL: _("Every time is taken."),
        Kind.NOTICE: _("Too soon: the lab needs some notice."),
        Kind.HORIZON: _("Not open for booking yet."),
    }
    return str(words.get(kind, _("No times on this day.")))


def _note(slots: list[Slot], setting: Setting, service: Service) -> str:
    """Who measures, where, for how long, and by whose clock."""
    people = {slot.practitioner for slot in slots}
    places = {slot.location for slot in slots}
    words = [str(_("%(minutes)s minutes", minutes=service.minutes))]
    if len(people) == 1:
        words.append(str(_("with %(name)s", name=setting.practitioners[people.pop()].name)))
    if service.is_telehealth:
        words.append(str(_("by video")))
    elif len(places) == 1:
        location = setting.locations[places.pop()]
        words.append(str(_("at %(place)s", place=location.name)))
    return str(_("%(facts)s. All times are clinic time.", facts=", ".join(words)))


def _neighbour(week: Week, path: str, step: int) -> str:
    monday = week.monday + step * timedelta(days=7)
    if not monday_of(week.today) <= monday <= week.last_monday:
        return ""
    return _address(path, monday)


def _week_of(slot: Slot, week: Week, path: str) -> str:
    return _address(path, monday_of(local_date(instant=slot.start, zone=week.zone)))


def _address(path: str, monday: date) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'week': monday.isoformat()})}"
