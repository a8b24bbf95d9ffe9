"""Every offered slot books and nothing else does: random clinics and diaries in real databases.

The situations are those that hold the pure rules against a slow reference; here the whole way is
walked: configuration loaded, diary read by SQL, slots listed, visits booked by the public.
"""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from clinic.core.db import db, transaction
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.scheduling.models import Appointment, Claim, Occurrence, Seat
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_numbers, get_setting
from clinic.scheduling.queries.slots import find_availability
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.setting import ExceptionRule, Licence, Practitioner, Setting
from clinic.scheduling.rules.wall_time import grid_starts
from clinic.setup.operations import load_clinic
from clinic.setup.rules.clinic_file import (
    ClinicFile,
    LocationEntry,
    PractitionerEntry,
    ResourceEntry,
)
from tests.integration.scheduling.a_clinic import person
from tests.unit.scheduling.situations import TWISTS, Situation, situations

SYSTEM = Actor(kind="system", name="test")
TRIES = 5

unhurried = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.mark.parametrize("twist", TWISTS)
class TestWhatIsOffered:
    @unhurried
    @given(data=st.data())
    def test_books_and_nothing_else_does(
        self, in_app: Flask, twist: str, data: st.DataObject
    ) -> None:
        situation = data.draw(situations(twist))
        chance = random.Random(data.draw(st.integers(0, 1 << 30)))
        query = prepare(situation)
        first, last = situation[2], situation[3]
        offered = listed(query, first, last)
        for slot in chance.sample(offered, min(TRIES, len(offered))):
            visit = try_to_book(query, slot)
            assert isinstance(visit, Visit), f"offered, and refused: {slot}: {visit!r}"
            assert (visit.practitioner, visit.location) == (slot.practitioner, slot.location)
            undo_bookings()
        edges = edges_of(situation)
        for slot in not_offered(query, first, last, offered, edges, chance):
            refusal = try_to_book(query, slot)
            assert isinstance(refusal, Refusal), f"not offered, and booked: {slot}"

    @unhurried
    @given(data=st.data())
    def test_is_offered_no_more_once_booked(
        self, in_app: Flask, twist: str, data: st.DataObject
    ) -> None:
        situation = data.draw(situations(twist))
        query = prepare(situation)
        offered = listed(query, situation[2], situation[3])
        if not offered:
            return
        slot = offered[len(offered) // 2]
        for seat in range(query.wanted.capacity):
            assert slot in listed(query, situation[2], situation[3])
            assert isinstance(try_to_book(query, slot, who=seat), Visit)
        assert slot not in listed(query, situation[2], situation[3])


def prepare(situation: Situation) -> Query:
    """Load the situation's clinic and diary into the database; the query on what was loaded."""
    query, diary = situation[0], situation[1]
    clear()
    load_clinic(
        file=as_file(query.setting), actor=SYSTEM, now=instant(query.now), allow_stranded=True
    )
    write_claims(query, {number: list(spans) for number, spans in diary.busy.items()})
    # Loaded slugs only: a practitioner or place of the filters may not exist here.
    setting = get_setting()
    who = query.practitioner if query.practitioner in setting.practitioners else None
    state = (query.state or "NY") if query.wanted.is_telehealth else None
    return replace(query, setting=setting, practitioner=who, state=state)


def as_file(setting: Setting) -> ClinicFile:
    return ClinicFile(
        name=setting.name,
        time_zone=setting.zone,
        phone=setting.phone,
        policy=replace(setting.policy, online_limit_per_service_and_day=99),
        locations=tuple(
            LocationEntry(one.slug, one.name, one.address, one.zone)
            for one in setting.locations.values()
        ),
        resources=tuple(
            ResourceEntry(one.slug, one.name, one.kind, one.location)
            for one in setting.rooms.values()
        ),
        services=tuple(setting.services.values()),
        practitioners=tuple(
            PractitionerEntry(
                slug=one.slug,
                name=one.name,
                services=tuple(sorted(one.services & set(setting.services))),
                licences=tuple(paper for paper in one.licences if is_in_order(paper)),
                hours=one.hours,
                exceptions=tuple(exceptions_of(setting, one)),
            )
            for one in setting.practitioners.values()
        ),
        closures=setting.closures,
    )


def is_in_order(paper: Licence) -> bool:
    """Whether a clinic file could say it: it does not end before it begins."""
    return not (paper.valid_from and paper.valid_to) or paper.valid_from <= paper.valid_to


def exceptions_of(setting: Setting, practitioner: Practitioner) -> list[ExceptionRule]:
    """One for each date and place; hours name their place, as in a clinic file."""
    found: dict[tuple[date, str | None], ExceptionRule] = {}
    home = works_at(setting=setting, practitioner=practitioner)[0]
    for one in practitioner.exceptions:
        where = one.location or (home if one.windows else None)
        found.setdefault((one.date, where), replace(one, location=where))
    return list(found.values())


@transaction
def write_claims(query: Query, busy: dict[int, list[tuple[int, int]]]) -> None:
    """The diary's claims, as overbooked ones: they may overlap each other, and count as busy."""
    setting = get_setting()
    numbers = get_numbers(setting)
    dummy = Occurrence(
        service_id=numbers.services[query.service],
        practitioner_id=next(iter(numbers.practitioners.values())),
        location_id=next(iter(numbers.locations.values())),
        starts_at=instant(0),
        ends_at=instant(60),
        busy_from=instant(0),
        busy_until=instant(60),
        capacity=1,
        state="released",
    )
    db.session.add(dummy)
    db.session.flush()
    here = {
        one.resource: setting.practitioners[one.slug].resource
        for one in query.setting.practitioners.values()
    }
    here |= {one.resource: setting.rooms[one.slug].resource for one in query.setting.rooms.values()}
    rows = [
        {
            "resource_id": here[number],
            "starts_at": instant(begins),
            "ends_at": instant(ends),
            "occurrence_id": dummy.id,
            "overbooked": True,
        }
        for number, spans in busy.items()
        for begins, ends in spans
        if number in here
    ]
    if rows:
        db.session.execute(insert(Claim), rows)


def listed(query: Query, first: date, last: date) -> list[Slot]:
    db.session.rollback()
    now = instant(query.now)
    return list(
        find_availability(query=query, from_date=first, to_date=last, now=now).listing.slots
    )


def edges_of(situation: Situation) -> list[tuple[int, int]]:
    """Where only buffers decide: the hour before and after what is taken."""
    query, diary = situation[0], situation[1]
    length = query.wanted.minutes * 60
    spans = [span for spans in diary.busy.values() for span in spans]
    return [(begins - length - 3600, begins - length + 1) for begins, _ in spans] + [
        (ends, ends + 3600) for _, ends in spans
    ]


def not_offered(
    query: Query,
    first: date,
    last: date,
    offered: list[Slot],
    edges: list[tuple[int, int]],
    chance: random.Random,
) -> list[Slot]:
    """Starts that are in no slot: near what is taken, all over the range, and off any grid."""
    zone = query_zone(query=query)  # the dates of a list are meant in it
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = [start for day in days for start in grid_starts(day=day, grid_minutes=5, zone=zone)]
    starts += [start + 7 for start in chance.sample(starts, min(2, len(starts)))]
    taken = {(slot.start, slot.practitioner, slot.location) for slot in offered}
    grid = query.wanted.grid_minutes
    on_grid = {at for day in days for at in grid_starts(day=day, grid_minutes=grid, zone=zone)}
    near = sorted(at for at in on_grid if any(begins <= at < ends for begins, ends in edges))
    places = [
        (start, who, where)
        for start in (near if near and chance.random() < 0.7 else starts)
        for who in query.setting.practitioners
        for where in query.setting.locations
        if query.practitioner in {None, who}
        and query.location in {None, where}
        and (start, who, where) not in taken
    ]
    chosen = chance.sample(places, min(TRIES, len(places)))
    return [Slot(start, start, who, where) for start, who, where in chosen]


def try_to_book(query: Query, slot: Slot, who: int = 1) -> Visit | Refusal:
    wish = Wish(
        service=query.service,
        starts_at=instant(slot.start),
        practitioner=slot.practitioner,
        location=slot.location,
        state=query.state,
    )
    try:
        return book_appointment(
            wish=wish, patient=person(who), actor=PUBLIC, now=instant(query.now)
        )
    except Refusal as refusal:
        return refusal


@transaction
def clear() -> None:
    """An empty diary; the visits of the example before are nobody's concern."""
    db.session.execute(delete(Seat))
    db.session.execute(delete(Claim))
    db.session.execute(update(Occurrence).values(state="released"))
    db.session.execute(update(Appointment).values(status="cancelled"))


@transaction
def undo_bookings() -> None:
    """Leave the diary's own claims and nothing else: patients' claims and seats go."""
    mine = db.session.scalars(select(Seat.occurrence_id)).all()
    db.session.execute(delete(Seat))
    db.session.execute(delete(Claim).where(Claim.appointment_id.is_not(None)))
    db.session.execute(delete(Claim).where(Claim.occurrence_id.in_(mine)))
    db.session.execute(update(Occurrence).values(state="released"))
    db.session.execute(update(Appointment).values(status="cancelled"))
