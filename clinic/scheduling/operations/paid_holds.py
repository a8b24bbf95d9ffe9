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
from clinic.scheduling.operations.guests import guest_of
from clinic.scheduling.operations.kept_times import (
    Keep,
    keep_times,
    let_kept_go,
    live_hold,
    seat_kept,
)
from clinic.scheduling.operations.placing import lock_occurrence, settle_occurrence
from clinic.scheduling.operations.refusals import PatientBusy
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import Wish
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
    keep = Keep(keeper=_keeper(order), wish=wish, expires_at=expires_at)
    keep_times(keeps=[keep], patient=patient, actor=actor, now=now)


def keep_hold(*, order: str, until: datetime, now: datetime) -> None:
    """Let a time stay held, because the money is on its way; a lapsed one is not taken again."""
    hold = live_hold(keeper=_keeper(order), now=now)
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
    let_kept_go(keeper=_keeper(order), now=now)


def seat_held(*, order: str, patient: Patient, now: datetime) -> Appointment | None:
    """Turn what is held for an order into a visit; None when nothing is, or the patient is busy."""
    hold = live_hold(keeper=_keeper(order), now=now)
    if hold is None:
        return None
    try:
        appointment = seat_kept(hold=hold, guest=guest_of(patient), actor=SYSTEM, now=now)
    except PatientBusy:
        return None
    if appointment is None:
        return None
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


def mark_sold(appointment_id: int) -> None:
    """Let a visit be one that an order bought, inside the transaction that makes it the order's."""
    db.session.get_one(Appointment, appointment_id).is_sold = True


def find_held(*, order: str, now: datetime) -> HeldFor | None:
    """The time that is held for an order now."""
    wanted = (
        select(Occurrence.starts_at, Hold.expires_at)
        .join(Hold, Hold.occurrence_id == Occurrence.id)
        .where(
            Hold.visitor == _keeper(order),
            Hold.released_at.is_(None),
            Hold.appointment_id.is_(None),
            Hold.expires_at > now,
        )
    )
    row = db.session.execute(wanted.order_by(Hold.id.desc()).limit(1)).one_or_none()
    return HeldFor(row[0], row[1]) if row else None


def _keeper(order: str) -> str:
    return f"order:{order}"
