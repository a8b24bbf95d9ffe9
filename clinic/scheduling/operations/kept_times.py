"""Times that are kept for something that is not a browser: an order, a visit request.

A name stands for the visitor. All of it runs inside the transaction of whoever writes the order or
the request, so it and its holds are there together or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import Actor
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Hold, Occurrence, Seat, Service
from clinic.scheduling.operations.booking import check_guest, open_occurrence, patient_claim
from clinic.scheduling.operations.expiry import give_back
from clinic.scheduling.operations.guests import Guest, guest_of
from clinic.scheduling.operations.history import write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    Wanted,
    candidate_claims,
    insert_claims,
    is_patient_busy,
    lock_occurrence,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import NotLicensed, NotOffered, PatientBusy, SlotTaken
from clinic.scheduling.operations.screened import refuse_unscreened
from clinic.scheduling.operations.wishes import Wish, query_of, weigh
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.offers import has_licence
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """A time to be kept: under which name, which one, and until when at most.

    ``is_agreed``: what binds visitors alone was asked before, when the patient came to the clinic
    with the wish: whether the service is offered online, and the questions about safety.
    """

    keeper: str
    wish: Wish
    expires_at: datetime
    is_agreed: bool = False


def keep_times(
    *, keeps: Sequence[Keep], patient: Patient, actor: Actor, now: datetime
) -> list[Occurrence]:
    """Hold each of the times, or none: all claims are made by one statement, in the one order.

    Refusals as for ``book_appointment``, SlotTaken without alternatives but with the ``starts_at``
    it is about; raises LostRace too.
    """
    guest = guest_of(patient)
    claims: list[Wanted] = []
    occurrences: list[Occurrence] = []
    for keep in keeps:
        occurrence, wanted = _keep(keep, guest, actor, now)
        occurrences.append(occurrence)
        claims += wanted
    insert_claims(claims)
    db.session.flush()
    return occurrences


def _keep(keep: Keep, guest: Guest, actor: Actor, now: datetime) -> tuple[Occurrence, list[Wanted]]:
    setting, wish = get_setting(), keep.wish
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    if keep.is_agreed and not query.wanted.online:
        query = replace(query, staff=True)
    choice, diary = weigh(query=query, wish=wish, now=now)
    if query.wanted.safety_screen and not query.staff and not keep.is_agreed:
        refuse_unscreened(service=wish.service, visitor=wish.screened_as, now=now)
    candidate = choice.candidate if choice else None
    check_guest(query=query, wish=wish, guest=guest, candidate=candidate)
    if candidate is None:
        raise SlotTaken(starts_at=wish.starts_at)
    occurrence, is_new = open_occurrence(
        query=query, candidate=candidate, diary=diary, is_held=True
    )
    expires_at = min(keep.expires_at, occurrence.starts_at)
    hold = Hold(
        visitor=keep.keeper,
        occurrence_id=occurrence.id,
        patient_state=wish.state,
        created_at=now,
        expires_at=expires_at,
    )
    db.session.add(hold)
    db.session.flush()
    if take_seat(occurrence=occurrence, hold_id=hold.id, expires_at=expires_at) is None:
        raise LostRace
    if not is_new:
        settle_occurrence(occurrence)
        return occurrence, []
    return occurrence, candidate_claims(
        setting=setting, candidate=candidate, occurrence=occurrence, expires_at=expires_at
    )


def let_kept_go(*, keeper: str, now: datetime) -> None:
    """Free what is held under this name; nothing held, nothing done."""
    for hold in _holds(keeper):
        if hold.released_at is None and hold.appointment_id is None:
            give_back(hold, now=now)


def live_hold(*, keeper: str, now: datetime) -> Hold | None:
    """What is held under this name now, locked."""
    for hold in _holds(keeper):
        is_over = hold.released_at is not None or hold.appointment_id is not None
        if not is_over and hold.expires_at > now:
            return hold
    return None


def seat_kept(
    *,
    hold: Hold,
    guest: Guest,
    actor: Actor,
    now: datetime,
    patient_zone: str | None = None,
) -> Appointment | None:
    """Turn a hold into a visit; None when it was cleaned away a moment ago.

    Writes no other claim than the patient's, so nobody can be in the way but the patient: raises
    PatientBusy.
    """
    occurrence = lock_occurrence(hold.occurrence_id)
    seat = db.session.scalars(select(Seat).where(Seat.hold_id == hold.id)).one_or_none()
    if seat is None:
        return None
    if is_patient_busy(
        resource=guest.resource, starts_at=occurrence.starts_at, ends_at=occurrence.ends_at
    ):
        raise PatientBusy
    appointment = Appointment(
        occurrence_id=occurrence.id,
        patient_id=guest.patient_id,
        status="booked",
        review=guest.review,
        patient_state=hold.patient_state,
        patient_zone=patient_zone,
        price_cents=db.session.get_one(Service, occurrence.service_id).price_cents,
        created_at=now,
    )
    db.session.add(appointment)
    db.session.flush()
    seat.hold_id, seat.expires_at, seat.appointment_id = None, None, appointment.id
    hold.appointment_id = appointment.id
    settle_occurrence(occurrence)
    insert_claims([patient_claim(appointment, occurrence, guest, may_overbook=False)])
    write_change(appointment=appointment, step="booked", actor=actor, now=now, before=None)
    return appointment


def _holds(keeper: str) -> list[Hold]:
    wanted = select(Hold).where(Hold.visitor == keeper).order_by(Hold.id)
    locked = wanted.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def refuse_uncovered(
    *,
    setting: Setting,
    service: str,
    practitioner: str,
    starts_at: datetime,
    zone: str,
    state: str | None,
) -> None:
    """Ask once more, before a kept time is taken, whether it may be.

    Raises NotOffered where service or practitioner are gone, and NotLicensed for a visit by video
    to a state without a licence on that day.
    """
    wanted, person = setting.services.get(service), setting.practitioners.get(practitioner)
    if wanted is None or person is None:
        raise NotOffered
    day = local_date(instant=int(starts_at.timestamp()), zone=zone)
    if wanted.is_telehealth and not has_licence(practitioner=person, state=state, day=day):
        raise NotLicensed
