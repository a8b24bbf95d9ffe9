"""Times that are held for an order: kept while it is paid, and taken as a visit when it was.

The order's public id stands for the visitor. All of it runs inside the transaction of whoever
writes the order, so an order with a wished time and its hold are there together or not at all.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM, Actor
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Hold, Occurrence, Seat
from clinic.scheduling.operations.booking import (
    check_guest,
    open_occurrence,
    patient_claim,
)
from clinic.scheduling.operations.expiry import give_back
from clinic.scheduling.operations.guests import guest_of
from clinic.scheduling.operations.history import write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    candidate_claims,
    insert_claims,
    is_patient_busy,
    lock_occurrence,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.screened import refuse_unscreened
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import Wish, query_of, weigh
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.telling import BOOKED


@dataclass(frozen=True, slots=True)
class HeldFor:
    """What an order holds: until when."""

    starts_at: datetime
    expires_at: datetime


def hold_for_order(
    *, order: str, wish: Wish, patient: Patient, actor: Actor, expires_at: datetime, now: datetime
) -> None:
    """Hold the wished time for an order, inside the running transaction.

    Refusals as for ``book_appointment``, SlotTaken without alternatives; raises LostRace too.
    """
    setting = get_setting()
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    choice, diary = weigh(query=query, wish=wish, now=now)
    if query.wanted.safety_screen and not query.staff:
        refuse_unscreened(service=wish.service, visitor=wish.screened_as, now=now)
    guest = guest_of(patient)
    candidate = choice.candidate if choice else None
    check_guest(query=query, wish=wish, guest=guest, candidate=candidate)
    if candidate is None:
        raise SlotTaken
    occurrence, is_new = open_occurrence(
        query=query, candidate=candidate, diary=diary, is_held=True
    )
    hold = Hold(
        visitor=_visitor(order),
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
        insert_claims(
            candidate_claims(
                setting=setting, candidate=candidate, occurrence=occurrence, expires_at=expires_at
            )
        )
    else:
        settle_occurrence(occurrence)
    db.session.flush()


def keep_hold(*, order: str, until: datetime, now: datetime) -> None:
    """Let a time stay held, because the money is on its way; a lapsed one is not taken again."""
    hold = _live_hold(order, now)
    if hold is None:
        return
    occurrence = lock_occurrence(hold.occurrence_id)
    seat = db.session.scalars(select(Seat).where(Seat.hold_id == hold.id)).one_or_none()
    if seat is None:
        return
    seat.expires_at = hold.expires_at = min(max(hold.expires_at, until), occurrence.starts_at)
    settle_occurrence(occurrence)


def let_hold_go(*, order: str, now: datetime) -> None:
    """Free what is held for an order; nothing held, nothing done."""
    for hold in _holds(order):
        if hold.released_at is None and hold.appointment_id is None:
            give_back(hold, now=now)


def seat_held(*, order: str, patient: Patient, now: datetime) -> Appointment | None:
    """Turn what is held for an order into a visit; None when nothing is, or the patient is busy.

    Writes no other claim than the patient's, so nobody can be in the way.
    """
    hold = _live_hold(order, now)
    if hold is None:
        return None
    guest = guest_of(patient)
    occurrence = lock_occurrence(hold.occurrence_id)
    seat = db.session.scalars(select(Seat).where(Seat.hold_id == hold.id)).one_or_none()
    if seat is None or is_patient_busy(
        resource=guest.resource, starts_at=occurrence.starts_at, ends_at=occurrence.ends_at
    ):
        return None
    appointment = Appointment(
        occurrence_id=occurrence.id,
        patient_id=patient.id,
        status="booked",
        review=guest.review,
        patient_state=hold.patient_state,
        created_at=now,
    )
    db.session.add(appointment)
    db.session.flush()
    seat.hold_id, seat.expires_at, seat.appointment_id = None, None, appointment.id
    hold.appointment_id = appointment.id
    settle_occurrence(occurrence)
    insert_claims([patient_claim(appointment, occurrence, guest, may_overbook=False)])
    write_change(appointment=appointment, step="booked", actor=SYSTEM, now=now, before=None)
    tell_patient(
        kind=BOOKED,
        visits=[appointment.public_id],
        patient_id=patient.id,
        patient=patient,
        actor=SYSTEM,
        now=now,
    )
    db.session.flush()
    return appointment


def find_held(*, order: str, now: datetime) -> HeldFor | None:
    """The time that is held for an order now."""
    wanted = (
        select(Occurrence.starts_at, Hold.expires_at)
        .join(Hold, Hold.occurrence_id == Occurrence.id)
        .where(
            Hold.visitor == _visitor(order),
            Hold.released_at.is_(None),
            Hold.appointment_id.is_(None),
            Hold.expires_at > now,
        )
    )
    row = db.session.execute(wanted.order_by(Hold.id.desc()).limit(1)).one_or_none()
    return HeldFor(row[0], row[1]) if row else None


def _visitor(order: str) -> str:
    return f"order:{order}"


def _holds(order: str) -> list[Hold]:
    wanted = select(Hold).where(Hold.visitor == _visitor(order)).order_by(Hold.id)
    locked = wanted.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _live_hold(order: str, now: datetime) -> Hold | None:
    for hold in _holds(order):
        is_over = hold.released_at is not None or hold.appointment_id is not None
        if not is_over and hold.expires_at > now:
            return hold
    return None
