"""The steps of a visit: confirmed, arrived, checked in, fulfilled, cancelled, no-show; and back."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.values import Actor
from clinic.scheduling.models import (
    Appointment,
    Claim,
    Occurrence,
    OccurrenceResource,
    Practitioner,
)
from clinic.scheduling.operations.booking import patient_claim
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.guests import Guest
from clinic.scheduling.operations.history import PastStep, state_of, steps_to_undo, write_change
from clinic.scheduling.operations.moving import lock_appointment
from clinic.scheduling.operations.placing import (
    LostRace,
    free_appointment,
    insert_claims,
    is_patient_busy,
    lock_occurrence,
    lock_patient,
    occurrence_claims,
    patient_resource,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import (
    PatientBusy,
    ReviewNeeded,
    SlotTaken,
    VersionMismatch,
    WrongState,
)
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.waitlist.following import take_back_offers
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules import status as rules
from clinic.scheduling.rules.status import Action, Claims, State, Status, Step
from clinic.scheduling.rules.telling import BOOKED, CANCELLED

STEP_NAMES = {
    Action.CONFIRM: "confirmed",
    Action.ARRIVE: "arrived",
    Action.CHECK_IN: "checked-in",
    Action.FULFIL: "fulfilled",
    Action.NO_SHOW: "noshow",
    Action.CANCEL: "cancelled",
    Action.UNDO: "undone",
}


def take_step(
    *,
    public_id: str,
    action: Action,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    version: int | None = None,
) -> Visit:
    """Take one step with a visit; repeating the current state changes nothing.

    Cancelling and no-show free the time, undoing them takes it again. Raises NotFound,
    VersionMismatch (only when a version is given), WrongState, SlotTaken and PatientBusy.
    """
    if action is Action.UNDO:
        remove_expired_holds(now=now)
    try:
        return _take_step(
            public_id=public_id,
            action=action,
            actor=actor,
            now=now,
            reason=reason,
            version=version,
        )
    except LostRace:
        raise SlotTaken from None


@transaction
def _take_step(
    *,
    public_id: str,
    action: Action,
    actor: Actor,
    now: datetime,
    reason: str | None,
    version: int | None,
) -> Visit:
    return step_inside(
        public_id=public_id, action=action, actor=actor, now=now, reason=reason, version=version
    )


def step_inside(
    *,
    public_id: str,
    action: Action,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    version: int | None = None,
    is_told: bool = True,
) -> Visit:
    """The step itself, inside the transaction of whoever takes it; raises LostRace too.

    ``is_told`` is False where the patient hears of it by another message.
    """
    appointment = lock_appointment(public_id)
    if version is not None and version != appointment.version:
        raise VersionMismatch
    visit = get_visit(public_id)
    if action is Action.CONFIRM and appointment.review == "needed" and not visit.is_confirmed:
        raise ReviewNeeded(appointment_status=appointment.status)
    history = steps_to_undo(appointment.id) if action is Action.UNDO else []
    step = _next(appointment, visit, action, history, now)
    if not step.is_changed:
        return visit
    before = state_of(appointment)
    appointment.status, appointment.confirmed = step.state.status.value, step.state.is_confirmed
    appointment.version += 1
    _mark_late(appointment, visit, action, now)
    db.session.flush()
    details = {}
    if step.claims is Claims.FREE:
        details = {"overbooked": is_overbooked(appointment)}
        free_appointment(appointment_id=appointment.id, occurrence_id=appointment.occurrence_id)
    elif step.claims is Claims.TAKE_AGAIN and visit.ends_at > now:
        take_back_offers(visit=visit, actor=actor, now=now)
        _take_again(appointment, visit, may_overbook=history[-1].was_overbooked)
    write_change(
        appointment=appointment,
        step=STEP_NAMES[action],
        actor=actor,
        now=now,
        before=before,
        details=details,
        reason=reason,
        undoes=history[-1].change_id if history else None,
    )
    if is_told:
        _tell(appointment, before, actor, now)
    db.session.flush()
    return get_visit(public_id)


def _tell(appointment: Appointment, before: State, actor: Actor, now: datetime) -> None:
    """Tell the patient of a visit that is gone, or back."""
    was_cancelled, is_cancelled = (
        status == Status.CANCELLED.value for status in (before.status, appointment.status)
    )
    if was_cancelled != is_cancelled:
        tell_patient(
            kind=CANCELLED if is_cancelled else BOOKED,
            visits=[appointment.public_id],
            patient_id=appointment.patient_id,
            actor=actor,
            now=now,
        )


def _next(
    appointment: Appointment,
    visit: Visit,
    action: Action,
    history: list[PastStep],
    now: datetime,
) -> Step:
    try:
        return rules.take_step(
            state=state_of(appointment),
            steps=tuple(past.before for past in history),
            action=action,
            start=int(visit.starts_at.timestamp()),
            now=int(now.timestamp()),
        )
    except rules.WrongState as wrong:
        # A problem's own "status" is the HTTP status.
        raise WrongState(appointment_status=wrong.status.value) from None


def _mark_late(appointment: Appointment, visit: Visit, action: Action, now: datetime) -> None:
    if action is Action.CANCEL:
        notice = timedelta(hours=get_setting().policy.cancellation_notice_hours)
        appointment.late_cancelled = visit.starts_at - now < notice
    elif action is Action.UNDO:
        appointment.late_cancelled = False


def _take_again(appointment: Appointment, visit: Visit, *, may_overbook: bool) -> None:
    """Claim the visit's time once more, beside others only if it stood beside others before.

    A class that somebody opened again meanwhile is joined.
    """
    lock_patient(appointment.patient_id)
    occurrence = _standing(lock_occurrence(appointment.occurrence_id))
    appointment.occurrence_id = occurrence.id
    guest = Guest(appointment.patient_id, patient_resource(appointment.patient_id))
    busy = is_patient_busy(
        resource=guest.resource,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        besides=appointment.id,
    )
    if busy and not may_overbook:
        raise PatientBusy
    claims = [patient_claim(appointment, occurrence, guest, may_overbook=may_overbook)]
    if occurrence.state == "released":
        claims += occurrence_claims(
            occurrence=occurrence,
            practitioner=_practitioner_resource(occurrence),
            rooms=_rooms(occurrence),
            may_overbook=may_overbook,
        )
        occurrence.state = "booked"
    else:  # a class that others, perhaps only a hold, have kept
        settle_occurrence(occurrence)
    insert_claims(claims)
    if take_seat(occurrence=occurrence, appointment_id=appointment.id) is None and not may_overbook:
        raise SlotTaken


def _standing(occurrence: Occurrence) -> Occurrence:
    """The occurrence, or where a class was released the one that stands in its place; locked."""
    if occurrence.capacity == 1 or occurrence.state != "released":
        return occurrence
    wanted = select(Occurrence.id).where(
        Occurrence.service_id == occurrence.service_id,
        Occurrence.practitioner_id == occurrence.practitioner_id,
        Occurrence.location_id == occurrence.location_id,
        Occurrence.starts_at == occurrence.starts_at,
        Occurrence.ends_at == occurrence.ends_at,
        Occurrence.state != "released",
    )
    found = db.session.scalar(wanted.order_by(Occurrence.id).limit(1))
    if found is None:
        return occurrence
    standing = lock_occurrence(found)
    return occurrence if standing.state == "released" else standing


def is_overbooked(appointment: Appointment) -> bool:
    """Whether one of the visit's claims stands beside others by its own override.

    Who joined a class that another overbooked has no right to stand beside anything.
    """
    if appointment.override_by is None:
        return False
    owns = (Claim.appointment_id == appointment.id) | (
        Claim.occurrence_id == appointment.occurrence_id
    )
    wanted = select(Claim.id).where(owns, Claim.overbooked).limit(1)
    return db.session.scalar(wanted) is not None


def _practitioner_resource(occurrence: Occurrence) -> int:
    wanted = select(Practitioner.resource_id).where(Practitioner.id == occurrence.practitioner_id)
    return db.session.scalars(wanted).one()


def _rooms(occurrence: Occurrence) -> list[int]:
    wanted = select(OccurrenceResource.resource_id).where(
        OccurrenceResource.occurrence_id == occurrence.id
    )
    return list(db.session.scalars(wanted))
