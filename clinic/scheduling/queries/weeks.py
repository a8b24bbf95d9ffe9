"""A week of bookable times, each empty day with its reason and what is nearest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.scheduling.queries.diary import (
    diary_of_everybody,
    load_diary,
    query_now,
)
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.rules.asking import Diary, Query, Slot
from clinic.scheduling.rules.offers import horizon_date, offers, query_zone
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.slots import busy_span, first_slots, list_slots
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.why import DayPlan, explain_days

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
REACH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday of ``zone``. ``first`` is the first free time of all, ``later`` those of the
    two weeks after Sunday (or the very next one). ``others`` has, for days without a slot, the
    first one with anybody anywhere."""

    zone: str
    monday: date
    today: date
    last_monday: date
    plans: tuple[DayPlan, ...]
    others: Mapping[date, Slot]
    first: Slot | None
    later: tuple[Slot, ...]


def find_week(
    *,
    query: Query,
    day: date | None,
    now: datetime,
    without: tuple[int, ...] = (),
    anywhere: bool = True,
) -> Week:
    """The week of ``day``, kept between today's and the horizon's; None: that of the first slot.

    ``without`` names occurrences whose claims do not count (a visit that is being moved);
    ``anywhere`` lets ``others`` be at other locations. Eight queries at most, whatever the clinic's
    size and history; two in an ordinary week.
    """
    zone = query_zone(query=query)
    today, last = local_date(instant=query.now, zone=zone), horizon_date(query=query)
    first = _first(query, today, now)
    if day is None:
        day = local_date(instant=first.start, zone=zone) if first else today
    monday = monday_of(min(max(day, today), max(last, today)))
    sunday = monday + 6 * DAY
    reach = min(sunday + REACH, max(last, sunday))
    anybody = replace(query, practitioner=None, location=None if anywhere else query.location)
    diary = load_diary(query=anybody, from_date=monday, to_date=reach, now=now, without=without)
    plans = explain_days(query=query, from_date=monday, to_date=sunday, diary=diary)
    later = list_slots(query=query, from_date=sunday + DAY, to_date=reach, diary=diary).slots
    if not later and not any(plan.slots for plan in plans):
        far = _first(query, reach + DAY, now) if reach < last else None
        later = (far,) if far else ()
    return Week(
        zone=zone,
        monday=monday,
        today=today,
        last_monday=monday_of(max(last, today)),
        plans=plans,
        others=_others(anybody, plans, diary, zone),
        first=first,
        later=later,
    )


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def find_next_free_by_service(*, setting: Setting, now: datetime) -> dict[str, Slot]:
    """By service the first time within two weeks, where one can be named: two queries at most.

    Telehealth needs the patient's state, a safety screen its answers, a class its seats: those
    are left out, and so is what cannot be booked online.
    """
    today = local_date(instant=query_now(now), zone=setting.zone)
    asked = [
        Query(setting=setting, service=one.slug, now=query_now(now))
        for one in setting.services.values()
        if _can_promise(one)
    ]
    spans = [busy_span(query=one, from_date=today, to_date=today + REACH) for one in asked]
    diary = diary_of_everybody(spans=spans, now=now)
    found = {
        one.service: first_slots(query=one, from_date=today, to_date=today + REACH, diary=diary)
        for one in asked
    }
    return {service: slots[0] for service, slots in found.items() if slots}


def list_places(*, query: Query) -> tuple[str, ...]:
    """The locations where the service can be had at all, in the clinic file's order."""
    anywhere = replace(query, practitioner=None, location=None)
    found = {offer.location.slug for offer in offers(query=anywhere)}
    return tuple(slug for slug in query.setting.locations if slug in found)


def _first(query: Query, day: date, now: datetime) -> Slot | None:
    found = find_alternatives(query=query, day=day, not_before=query.now, now=now, limit=1)
    return found[0] if found else None


def _others(
    anybody: Query, plans: tuple[DayPlan, ...], diary: Diary, zone: str
) -> dict[date, Slot]:
    empty = {plan.day for plan in plans if not plan.slots}
    found: dict[date, Slot] = {}
    if empty:
        slots = list_slots(
            query=anybody, from_date=plans[0].day, to_date=plans[-1].day, diary=diary
        ).slots
        for slot in slots:
            day = local_date(instant=slot.start, zone=zone)
            if day in empty:
                found.setdefault(day, slot)
    return found


def _can_promise(service: Service) -> bool:
    return (
        service.online
        and not service.is_telehealth
        and not service.safety_screen
        and service.capacity == 1
    )
