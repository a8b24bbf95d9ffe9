"""Holding a time while a visitor types, and turning the hold into a visit.

A hold is an occurrence, a seat and claims with an expiry. It claims no patient: that happens when
it is confirmed. One browser holds one time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import PUBLIC, Actor
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import Appointment, Hold, Occurrence, Seat
from clinic.scheduling.operations.booking import (
    book_appointment,
    check_guest,
    open_occurrence,
    patient_claim,
)
from clinic.scheduling.operations.expiry import give_back, remove_expired_holds
from clinic.scheduling.operations.guests import Guest, guest_of
from clinic.scheduling.operations.history import write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    candidate_claims,
    insert_claims,
    lock_occurrence,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import HoldLapsed, SlotTaken
from clinic.scheduling.operations.screened import refuse_unscreened, with_screening
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import (
    ATTEMPTS,
    Wish,
    query_of,
    slot_taken,
    weigh,
)
from clinic.scheduling.queries.holds import HeldTime, get_held_time
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.telling import BOOKED


@dataclass(frozen=True, slots=True)
class _Lapsed:
    wish: Wish


def hold_time(*, wish: Wish, visitor: str, now: datetime) -> HeldTime:
    """Hold the wished time for this visitor for the policy's minutes; lets an earlier one go.

    Asking again for the time one holds answers the same hold (a double click). Refusals as for the
    public in ``book_appointment``, as far as they do not need the patient.
    """
    remove_expired_holds(now=now)
    for _ in range(ATTEMPTS):
        try:
            return _hold(wish=wish, visitor=visitor, now=now)
        except SlotTaken:
            break
        except LostRace:
            continue
    setting = get_setting()
    query = query_of(setting=setting, wish=wish, actor=PUBLIC, now=now)
    raise slot_taken(query=query, wish=wish, now=now)


@transaction
def _hold(*, wish: Wish, visitor: str, now: datetime) -> HeldTime:
    _lock_visitor(visitor)
    setting = get_setting()
    query = query_of(setting=setting, wish=wish, actor=PUBLIC, now=now)
    if query.wanted.safety_screen:
        refuse_unscreened(visitor=visitor, service=wish.service, now=now)
    if (held := _same_hold(wish, visitor, now)) is not None:
        return held
    for earlier in _live_holds(visitor, now):
        give_back(earlier, now=now)
    db.session.flush()
    choice, diary = weigh(query=query, wish=wish, now=now)
    if choice is None:
        raise SlotTaken
    occurrence, is_new = open_occurrence(
        query=query, candidate=choice.candidate, diary=diary, is_held=True
    )
    expires_at = now + timedelta(minutes=setting.policy.hold_minutes)
    hold = Hold(
        visitor=visitor,
        occurrence_id=occurrence.id,
        patient_state=wish.state,
        created_at=now,
        expires_at=expires_at,
    )
    db.session.add(hold)
    db.session.flush()
    if take_seat(occurrence=occurrence, hold_id=hold.id, expires_at=expires_at) is None:
        raise LostRace
    if is_new:
        claims = candidate_claims(
            setting=setting,
            candidate=choice.candidate,
            occurrence=occurrence,
            expires_at=expires_at,
        )
        insert_claims(claims)
    else:
        settle_occurrence(occurrence)
    db.session.flush()
    return get_held_time(public_id=hold.public_id, visitor=visitor)


@transaction
def let_go(*, public_id: str, visitor: str, now: datetime) -> None:
    """Give a held time back before it expires; letting go twice changes nothing.

    Raises NotFound for somebody else's hold.
    """
    hold = lock_hold(public_id, visitor)
    if hold.released_at is None and hold.appointment_id is None:
        give_back(hold, now=now)


def book_held_time(
    *,
    public_id: str,
    visitor: str,
    patient: PatientDetails,
    actor: Actor,
    now: datetime,
    patient_zone: str | None = None,
) -> Visit:
    """Turn a hold into a visit; doing it twice answers the first visit.

    ``patient_zone`` is the patient's own clock, kept with a visit by video.
    When the hold has lapsed, the same time is booked afresh if it is still free. Raises NotFound,
    LimitReached, PatientBusy, and HoldLapsed when the time is gone.
    """
    outcome = _book_held(
        public_id=public_id,
        visitor=visitor,
        patient=patient,
        actor=actor,
        now=now,
        patient_zone=patient_zone,
    )
    if isinstance(outcome, Visit):
        return outcome
    try:
        visit = book_appointment(wish=outcome.wish, patient=patient, actor=actor, now=now)
    except SlotTaken as taken:
        raise HoldLapsed from taken
    _remember_visit(public_id=public_id, visitor=visitor, appointment_id=visit.appointment_id)
    return visit


@transaction
def _book_held(
    *,
    public_id: str,
    visitor: str,
    patient: PatientDetails,
    actor: Actor,
    now: datetime,
    patient_zone: str | None,
) -> Visit | _Lapsed:
    setting = get_setting()
    hold = lock_hold(public_id, visitor)
    if hold.appointment_id is not None:
        booked = select(Appointment.public_id).where(Appointment.id == hold.appointment_id)
        return get_visit(db.session.scalars(booked).one())
    held = get_held_time(public_id=public_id, visitor=visitor)
    wish = Wish(
        service=held.service,
        starts_at=held.starts_at,
        practitioner=held.practitioner,
        location=held.location,
        state=hold.patient_state,
        screened_as=visitor,
        patient_zone=patient_zone,
    )
    if hold.released_at is not None or hold.expires_at <= now:
        return _Lapsed(wish)
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    guest = guest_of(person)
    if query.wanted.safety_screen:
        refuse_unscreened(visitor=visitor, service=wish.service, now=now)
        guest = with_screening(guest=guest, visitor=visitor, patient=person, actor=actor, now=now)
    check_guest(query=query, wish=wish, guest=guest, candidate=None)
    occurrence = lock_occurrence(hold.occurrence_id)
    appointment = _sit_down(hold, occurrence, guest, query, now, patient_zone)
    insert_claims([patient_claim(appointment, occurrence, guest, may_overbook=False)])
    write_change(appointment=appointment, step="booked", actor=actor, now=now, before=None)
    tell_patient(
        kind=BOOKED,
        visits=[appointment.public_id],
        patient_id=person.id,
        patient=person,
        actor=actor,
        now=now,
    )
    db.session.flush()
    return get_visit(appointment.public_id)


def _sit_down(
    hold: Hold,
    occurrence: Occurrence,
    guest: Guest,
    query: Query,
    now: datetime,
    patient_zone: str | None,
) -> Appointment:
    appointment = Appointment(
        occurrence_id=occurrence.id,
        patient_id=guest.patient_id,
        status="booked",
        review=guest.review,
        patient_state=hold.patient_state,
        patient_zone=patient_zone if query.wanted.is_telehealth else None,
        price_cents=query.wanted.price_cents,
        created_at=now,
    )
    db.session.add(appointment)
    db.session.flush()
    seat = db.session.scalars(select(Seat).where(Seat.hold_id == hold.id)).one()
    seat.hold_id, seat.expires_at, seat.appointment_id = None, None, appointment.id
    hold.appointment_id = appointment.id
    settle_occurrence(occurrence)
    return appointment


@transaction
def _remember_visit(*, public_id: str, visitor: str, appointment_id: int) -> None:
    lock_hold(public_id, visitor).appointment_id = appointment_id


def lock_hold(public_id: str, visitor: str) -> Hold:
    """This visitor's hold, locked until the end of the transaction; NotFound for any other."""
    wanted = (
        select(Hold)
        .where(Hold.public_id == public_id, Hold.visitor == visitor)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    hold = db.session.scalars(wanted).one_or_none()
    if hold is None:
        raise NotFound
    return hold


def _lock_visitor(visitor: str) -> None:
    """Let two clicks of one browser follow each other (SQLite's writers always do)."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(visitor, 1))))


def _live_holds(visitor: str, now: datetime) -> list[Hold]:
    wanted = select(Hold).where(
        Hold.visitor == visitor,
        Hold.released_at.is_(None),
        Hold.appointment_id.is_(None),
        Hold.expires_at > now,
    )
    return list(db.session.scalars(wanted.with_for_update()))


def _same_hold(wish: Wish, visitor: str, now: datetime) -> HeldTime | None:
    for hold in _live_holds(visitor, now):
        held = get_held_time(public_id=hold.public_id, visitor=visitor)
        asked = (wish.service, wish.starts_at, wish.practitioner, wish.location)
        if asked == (
            held.service,
            held.starts_at,
            held.practitioner if wish.practitioner else None,
            held.location if wish.location else None,
        ):
            return held
    return None
