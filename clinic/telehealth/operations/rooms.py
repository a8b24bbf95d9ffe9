"""The patient says where they are and waits; staff say where to meet and who is late."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from clinic.core.db import db, housekeeping, transaction
from clinic.core.errors import Invalid, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.intake.queries.safety.gate import is_self_booking_closed
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.refusals import CallClinic, WrongState
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.licences import is_covered
from clinic.scheduling.rules.states import STATES
from clinic.telehealth.models import VideoVisit
from clinic.telehealth.operations.rows import record, row_of
from clinic.telehealth.queries.rooms import Room, get_room, has_agreed
from clinic.telehealth.rules.rooms import (
    LONGEST_DELAY_MINUTES,
    Stage,
    is_meeting_address,
    stage_of,
)


class NotCoveredThere(Refusal):
    """The practitioner may not see patients by video in the state where the patient is today."""

    code = "not-licensed"
    status = 422
    message = (
        "Your practitioner may not see you by video where you are now. "
        "Please call us: we find another time, or you come to us."
    )


class ConsentMissing(Refusal):
    """Nobody has signed the consent to video visits for this patient."""

    code = "consent-missing"
    status = 409
    message = "Please read and sign the consent to video visits first."


class NotOpen(Refusal):
    """The page of the visit is not open now."""

    code = "not-open"
    status = 409
    message = "The page of your visit is not open yet, or no longer."


@transaction
def arrive_at_video(
    *, visit: str, state: str, place: str, phone: str | None, actor: Actor, now: datetime
) -> Room:
    """The patient says where they are now, and waits in front of the visit.

    Asked on the day, because licences count where the patient is. Raises NotFound, NotOpen,
    Invalid, CallClinic (RF-07), ConsentMissing, and NotCoveredThere: then nothing is written.
    """
    appointment = lock_row(Appointment, visit)
    found, room = get_visit(visit), get_room(visit)
    setting = get_setting()
    times = room.times(setting.policy.join_opens_minutes)
    if stage_of(status=room.status, times=times, now=now) is not Stage.OPEN:
        raise NotOpen
    if state not in STATES or not place:
        raise Invalid({"place": ["Say where you are."]})
    if is_self_booking_closed(patient=found.patient):
        raise CallClinic
    if not has_agreed(patient=found.patient):
        raise ConsentMissing
    day = found.local.date()
    if not is_covered(setting=setting, practitioner=found.practitioner, state=state, day=day):
        raise NotCoveredThere
    row = row_of(appointment)
    row.place_state, row.place, row.phone, row.located_at = state, place, phone, now
    row.waiting_since = row.waiting_since or now
    row.seen_at = now
    record("video.located", visit, actor, now, {"state": state})
    db.session.flush()
    return get_room(visit)


@housekeeping
def stay_at_video(*, visit: str, now: datetime) -> None:
    """Note that the patient still waits there; nothing happens where nobody has arrived."""
    named = select(Appointment.id).where(Appointment.public_id == visit)
    here = update(VideoVisit).where(
        VideoVisit.appointment_id.in_(named), VideoVisit.waiting_since.is_not(None)
    )
    db.session.execute(here.values(seen_at=now))


@transaction
def set_meeting(*, visit: str, address: str, actor: Actor, now: datetime) -> Room:
    """Staff say where a visit takes place; "" takes it back to the clinic's template.

    Raises NotFound, and Invalid for what is no https address.
    """
    appointment = lock_row(Appointment, visit)
    get_room(visit)
    if address and not is_meeting_address(address):
        raise Invalid({"address": ["Enter an address that begins with https://."]})
    row = row_of(appointment)
    row.meeting, row.meeting_by = address or None, actor.name if address else None
    record("video.meeting-set", visit, actor, now, {"by_template": not address})
    db.session.flush()
    return get_room(visit)


@transaction
def tell_late(*, visit: str, minutes: int, actor: Actor, now: datetime) -> Room:
    """Staff say how many minutes from now the clinician comes; 0 takes it back.

    Who waits is told on their page. Raises NotFound, WrongState for a visit that will not be, and
    Invalid for more than four hours.
    """
    appointment = lock_row(Appointment, visit)
    room = get_room(visit)
    if room.status not in {"booked", "arrived", "checked-in"}:
        raise WrongState(appointment_status=room.status)
    if not 0 <= minutes <= LONGEST_DELAY_MINUTES:
        raise Invalid({"minutes": [f"Enter 0 to {LONGEST_DELAY_MINUTES} minutes."]})
    row = row_of(appointment)
    row.late_until = now + timedelta(minutes=minutes) if minutes else None
    row.late_at = now if minutes else None
    record("video.late", visit, actor, now, {"minutes": minutes})
    db.session.flush()
    return get_room(visit)
