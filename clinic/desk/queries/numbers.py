"""Numbers of a period: visits by week and practitioner, time used and open, lead time.

Three queries whatever the period holds, each reading only the period through the index of starts;
the database adds up, a few rows come back.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from clinic.core.db import db
from clinic.desk.rules.numbers import LEAD_DAYS, Period
from clinic.scheduling.models import (
    Appointment,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
)
from clinic.scheduling.queries.diary import epoch_seconds, instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.intervals import merge
from clinic.scheduling.rules.opening import open_intervals
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import start_of_day

A_DAY = 86_400
KEPT = ("fulfilled", "arrived", "checked-in")
COUNTED = ("kept", "coming", "missed", "late", "in_time")


@dataclass(slots=True)
class Tally:
    """Visits by how they went, and minutes that visits took of those that were open."""

    kept: int = 0
    coming: int = 0
    missed: int = 0
    late: int = 0
    in_time: int = 0
    used: int = 0
    open: int = 0

    @property
    def visits(self) -> int:
        """Everything that was booked."""
        return self.kept + self.coming + self.missed + self.late + self.in_time


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or a room, with its numbers."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Numbers:
    """``lead`` counts visits that were not cancelled by class of lead time; mean in seconds."""

    weeks: tuple[tuple[date, Tally], ...]
    practitioners: tuple[Named, ...]
    rooms: tuple[Named, ...]
    total: Tally
    lead: tuple[int, ...]
    lead_seconds: int


@dataclass(slots=True)
class _Lead:
    classes: Counter[int] = field(default_factory=Counter)
    seconds: int = 0


def get_numbers(period: Period) -> Numbers:
    """The numbers of a period in the clinic's zone; a week or a person without visits is there."""
    setting = get_setting()
    weeks = [Tally() for _ in period.weeks]
    people: dict[str, Named] = {
        slug: Named(one.name, Tally()) for slug, one in setting.practitioners.items()
    }
    rooms: dict[str, Named] = {
        slug: Named(one.name, Tally()) for slug, one in setting.rooms.items()
    }
    lead = _count_visits(period, setting.zone, weeks, people)
    _count_minutes(period, setting.zone, weeks, people)
    _count_rooms(period, setting.zone, rooms)
    _count_open(period, setting, weeks, people, rooms)
    total = Tally()
    for one in weeks:
        _add(total, **{name: getattr(one, name) for name in (*COUNTED, "used", "open")})
    return Numbers(
        weeks=tuple(zip((first for first, _ in period.weeks), weeks, strict=True)),
        practitioners=tuple(people.values()),
        rooms=tuple(rooms.values()),
        total=total,
        lead=tuple(lead.classes[place] for place in range(len(LEAD_DAYS) + 1)),
        lead_seconds=lead.seconds // (sum(lead.classes.values()) or 1),
    )


def _count_visits(period: Period, zone: str, weeks: list[Tally], people: dict[str, Named]) -> _Lead:
    wait = epoch_seconds(Occurrence.starts_at) - epoch_seconds(Appointment.created_at)
    bounds = [(wait <= days * A_DAY, place) for place, days in enumerate(LEAD_DAYS)]
    listed = (
        select(
            Occurrence.practitioner_id.label("who"),
            _week(period, zone).label("week"),
            _outcome().label("outcome"),
            case(*bounds, else_=len(LEAD_DAYS)).label("lead"),
            wait.label("wait"),
        )
        .join(Appointment, Appointment.occurrence_id == Occurrence.id)
        .where(*_within(period, zone))
        .subquery()
    )
    columns = [listed.c[name] for name in ("week", "outcome", "lead")]
    found = _Lead()
    for slug, name, week, outcome, place, count, seconds in _grouped(
        listed, *columns, func.count(), func.sum(listed.c.wait), by=columns
    ):
        person = people.setdefault(slug, Named(name, Tally()))
        for tally in (weeks[week], person.tally):
            _add(tally, **{outcome: count})
        if outcome not in {"late", "in_time"}:
            found.classes[place] += count
            found.seconds += int(seconds)
    return found


def _count_minutes(period: Period, zone: str, weeks: list[Tally], people: dict[str, Named]) -> None:
    listed = (
        select(
            Occurrence.practitioner_id.label("who"),
            _week(period, zone).label("week"),
            _seconds().label("seconds"),
        )
        .where(*_within(period, zone), Occurrence.state == "booked")
        .subquery()
    )
    week = listed.c.week
    for slug, name, place, seconds in _grouped(listed, week, func.sum(listed.c.seconds), by=[week]):
        person = people.setdefault(slug, Named(name, Tally()))
        for tally in (weeks[place], person.tally):
            _add(tally, used=int(seconds) // 60)


def _count_rooms(period: Period, zone: str, rooms: dict[str, Named]) -> None:
    rows = (
        select(Resource.slug, Resource.name, func.sum(_seconds()))
        .select_from(Occurrence)
        .join(OccurrenceResource, OccurrenceResource.occurrence_id == Occurrence.id)
        .join(Resource, Resource.id == OccurrenceResource.resource_id)
        .where(*_within(period, zone), Occurrence.state == "booked")
        .group_by(Resource.id, Resource.slug, Resource.name)
        .order_by(Resource.id)
    )
    for slug, name, seconds in db.session.execute(rows):
        room = rooms.setdefault(slug or "", Named(name or slug or "", Tally()))
        _add(room.tally, used=int(seconds) // 60)


def _count_open(
    period: Period,
    setting: Setting,
    weeks: list[Tally],
    people: dict[str, Named],
    rooms: dict[str, Named],
) -> None:
    """A room is open while somebody has hours at its location."""
    for place, (first, last) in enumerate(period.weeks):
        at: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for slug, person in setting.practitioners.items():
            for location in setting.locations.values():
                hours = open_intervals(
                    setting=setting, practitioner=person, location=location, first=first, last=last
                )
                at[location.slug] += hours
                for tally in (weeks[place], people[slug].tally):
                    _add(tally, open=_minutes(hours))
        for slug, room in setting.rooms.items():
            _add(rooms[slug].tally, open=_minutes(merge(at[room.location])))


def _grouped(listed: Subquery, *columns: Any, by: list[Any]) -> Any:
    """Rows by practitioner and these columns. The inner query names what the outer one groups by:
    PostgreSQL takes an expression with values in it twice for two expressions."""
    return db.session.execute(
        select(Practitioner.slug, Practitioner.name, *columns)
        .select_from(listed)
        .join(Practitioner, Practitioner.id == listed.c.who)
        .group_by(Practitioner.id, Practitioner.slug, Practitioner.name, *by)
        .order_by(Practitioner.id, *by)
    )


def _outcome() -> ColumnElement[str]:
    return case(
        (Appointment.status.in_(KEPT), "kept"),
        (Appointment.status == "noshow", "missed"),
        (Appointment.status == "booked", "coming"),
        (Appointment.late_cancelled, "late"),
        else_="in_time",
    )


def _week(period: Period, zone: str) -> ColumnElement[int]:
    ends = [
        (Occurrence.starts_at < instant(start_of_day(day=last + timedelta(days=1), zone=zone)), n)
        for n, (_, last) in enumerate(period.weeks)
    ]
    return case(*ends, else_=len(ends) - 1)


def _within(period: Period, zone: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    begins = instant(start_of_day(day=period.first, zone=zone))
    ends = instant(start_of_day(day=period.last + timedelta(days=1), zone=zone))
    return Occurrence.starts_at >= begins, Occurrence.starts_at < ends


def _seconds() -> ColumnElement[int]:
    return epoch_seconds(Occurrence.ends_at) - epoch_seconds(Occurrence.starts_at)


def _minutes(intervals: list[tuple[int, int]]) -> int:
    return sum(ends - begins for begins, ends in intervals) // 60


def _add(tally: Tally, **numbers: int) -> None:
    for name, number in numbers.items():
        setattr(tally, name, getattr(tally, name) + number)
