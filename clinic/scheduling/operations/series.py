"""A plan of care in one go: visits of one patient on the same weekdays at the same wall time.

All visits of a series are planned with one look at the diary and booked in one transaction; the
claims of all of them are inserted together, in one order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from clinic.core.db import db, insert_now, transaction
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Actor
from clinic.people.operations import find_or_add_patient
from clinic.people.queries import find_same_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import Claim, Resource, Series
from clinic.scheduling.operations.booking import seat_guest
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.guests import guest_of
from clinic.scheduling.operations.history import write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    Wanted,
    insert_claims,
)
from clinic.scheduling.operations.refusals import PatientBusy, SeriesConflict, SlotTaken
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import ATTEMPTS, Choice, Wish, judge, query_of
from clinic.scheduling.queries.diary import diary_of_span, instant, seconds
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Diary, Query, Slot
from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.telling import BOOKED
from clinic.scheduling.rules.wall_time import at_wall_time, local_date, minute_of_day

MOST_VISITS = 60
OnConflict = Literal["none", "free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """On which weekdays (Monday 0) and how many visits."""

    weekly: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """The n-th visit: ``starts_at`` is None where the clocks skip its wall time.

    ``conflict`` is the code of the refusal in its way; ``visit`` is there once booked.
    """

    number: int
    day: str
    starts_at: datetime | None
    zone: str
    choice: Choice | None = None
    conflict: str | None = None
    alternatives: tuple[Slot, ...] = ()
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series as planned or booked; ``public_id`` is None until then."""

    public_id: str | None
    visits: tuple[PlannedVisit, ...]


def plan_series(
    *, wish: Wish, rule: Rule, patient: PatientDetails, actor: Actor, now: datetime
) -> SeriesPlan:
    """What booking would give, each conflict with up to five alternatives; writes nothing.

    Raises Invalid for codes that are not live and a rule without days or with over 60 visits.
    """
    setting = get_setting()
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    known = find_same_patient(details=patient)
    resource = None
    if known is not None:
        wanted = select(Resource.id).where(Resource.patient_id == known.id)
        resource = db.session.scalar(wanted)
    planned, _ = _plan(query, wish, rule, resource, now)
    return SeriesPlan(None, tuple(_with_alternatives(query, one, now) for one in planned))


def book_series(
    *,
    wish: Wish,
    rule: Rule,
    patient: PatientDetails,
    on_conflict: OnConflict,
    actor: Actor,
    now: datetime,
) -> SeriesPlan:
    """Book the visits of a series in one transaction: all of them, or with ``free`` those that go.

    Raises SeriesConflict with ``none`` when any cannot be booked; nothing is booked then.
    """
    remove_expired_holds(now=now)
    for _ in range(ATTEMPTS):
        try:
            return _book(
                wish=wish,
                rule=rule,
                patient=patient,
                on_conflict=on_conflict,
                actor=actor,
                now=now,
            )
        except LostRace:
            continue
    raise SlotTaken


@transaction
def _book(
    *,
    wish: Wish,
    rule: Rule,
    patient: PatientDetails,
    on_conflict: OnConflict,
    actor: Actor,
    now: datetime,
) -> SeriesPlan:
    query = query_of(setting=get_setting(), wish=wish, actor=actor, now=now)
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    guest = guest_of(person)
    planned, diary = _plan(query, wish, rule, guest.resource, now)
    if on_conflict == "none" and any(one.conflict for one in planned):
        raise SeriesConflict
    series = Series(rule={"weekly": list(rule.weekly), "count": rule.count}, created_at=now)
    db.session.add(series)
    db.session.flush()
    claims: list[Wanted] = []
    ids: dict[int, str] = {}
    for one in planned:
        if one.choice is None or one.starts_at is None:
            continue
        appointment, its_claims = seat_guest(
            query=query,
            wish=replace(wish, starts_at=one.starts_at),
            guest=guest,
            choice=one.choice,
            diary=diary,
            actor=actor,
            now=now,
            series=(series.id, one.number),
        )
        write_change(appointment=appointment, step="booked", actor=actor, now=now, before=None)
        claims += its_claims
        ids[one.number] = appointment.public_id
    insert_claims(claims)
    tell_patient(
        kind=BOOKED,
        visits=list(ids.values()),
        series=series.public_id,
        patient_id=person.id,
        patient=person,
        actor=actor,
        now=now,
    )
    insert_now()
    booked = (
        replace(one, visit=get_visit(ids[one.number]) if one.number in ids else None)
        for one in planned
    )
    return SeriesPlan(series.public_id, tuple(booked))


def _plan(
    query: Query, wish: Wish, rule: Rule, resource: int | None, now: datetime
) -> tuple[list[PlannedVisit], Diary]:
    """Weigh every visit against one diary of the whole span."""
    if not rule.weekly or not 1 <= rule.count <= MOST_VISITS:
        raise Invalid({"rule": [f"Name weekdays and a count of 1 to {MOST_VISITS}."]})
    zone = _zone(query.setting, wish)
    starts = list(_starts(wish, rule, zone))
    service = query.wanted
    known = [start for _, start in starts if start is not None] or [seconds(wish.starts_at)]
    span = (
        known[0] - service.buffer_before * 60,
        known[-1] + (service.minutes + service.buffer_after) * 60,
    )
    diary = diary_of_span(query=query, span=span, now=now)
    taken = _patient_times(resource, span) if resource is not None else []
    planned = [
        _planned(
            query,
            wish,
            diary,
            taken,
            PlannedVisit(
                number=number,
                day=day,
                starts_at=None if start is None else instant(start),
                zone=zone,
            ),
        )
        for number, (day, start) in enumerate(starts, start=1)
    ]
    return planned, diary


def _planned(
    query: Query,
    wish: Wish,
    diary: Diary,
    taken: Sequence[tuple[datetime, datetime]],
    one: PlannedVisit,
) -> PlannedVisit:
    if one.starts_at is None:
        return replace(one, conflict="not-offered")
    ends_at = one.starts_at + timedelta(minutes=query.wanted.minutes)
    try:
        choice = judge(query=query, wish=replace(wish, starts_at=one.starts_at), diary=diary)
    except Refusal as refusal:
        return replace(one, conflict=refusal.code)
    if any(begins < ends_at and ends > one.starts_at for begins, ends in taken):
        return replace(one, conflict=PatientBusy.code)
    if choice is None:
        return replace(one, conflict=SlotTaken.code)
    return replace(one, choice=choice)


def _starts(wish: Wish, rule: Rule, zone: str) -> list[tuple[str, int | None]]:
    first = seconds(wish.starts_at)
    day = local_date(instant=first, zone=zone)
    minute, odd_seconds = minute_of_day(instant=first, zone=zone), first % 60
    found: list[tuple[str, int | None]] = []
    while len(found) < rule.count:
        if day.weekday() in rule.weekly:
            start = at_wall_time(day=day, minute=minute, zone=zone)
            if not found and day == local_date(instant=first, zone=zone):
                start = first
            elif start is not None:
                start += odd_seconds
            found.append((day.isoformat(), start))
        day += timedelta(days=1)
    return found


def _zone(setting: Setting, wish: Wish) -> str:
    if wish.location is not None:
        return setting.locations[wish.location].zone
    practitioner = setting.practitioners[wish.practitioner or ""]
    zones = {
        setting.locations[slug].zone
        for slug in works_at(setting=setting, practitioner=practitioner)
    }
    return zones.pop() if len(zones) == 1 else setting.zone


def _patient_times(resource: int, span: tuple[int, int]) -> list[tuple[datetime, datetime]]:
    wanted = select(Claim.starts_at, Claim.ends_at).where(
        Claim.resource_id == resource,
        Claim.starts_at < instant(span[1]),
        Claim.ends_at > instant(span[0]),
    )
    return [(begins, ends) for begins, ends in db.session.execute(wanted)]


def _with_alternatives(query: Query, one: PlannedVisit, now: datetime) -> PlannedVisit:
    if one.conflict is None:
        return one
    day = datetime.fromisoformat(one.day).date()
    found = find_alternatives(query=query, day=day, not_before=query.now, now=now)
    return replace(one, alternatives=found)
