"""Visits of patients whose answers a clinician reads first."""

from datetime import datetime

from sqlalchemy import select, update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Refusal
from clinic.core.values import Actor, Role
from clinic.intake.queries.safety.gate import find_open_level
from clinic.intake.rules.alarms import Level
from clinic.scheduling.models import Appointment, Occurrence
from clinic.scheduling.operations.moving import lock_appointment

_COMING = ("booked", "arrived", "checked-in")


class EmergencyOpen(Refusal):
    """An emergency answer is open: it is closed first, and that clears the visits by itself."""

    code = "emergency-open"
    message = "An emergency answer of this patient is open. Close it first, with what came of it."


@transaction
def clear_review(*, visit: str, actor: Actor, now: datetime) -> None:
    """A clinician has read what the patient answered: the visit may take place. Twice is once.

    Answers that raise something anew ask for it again. Raises NotFound, Forbidden for other roles,
    and EmergencyOpen.
    """
    if actor.role is not Role.CLINICIAN:
        raise Forbidden
    appointment = lock_appointment(visit)
    if appointment.review != "needed":
        return
    if find_open_level(patient_id=appointment.patient_id) is Level.EMERGENCY:
        raise EmergencyOpen
    appointment.review = "cleared"
    appointment.version += 1
    audit.record(
        action="appointment.review-cleared",
        actor=actor,
        now=now,
        subject=f"appointment:{appointment.public_id}",
    )


def review_visits(patient_id: int, now: datetime) -> None:
    """Mark a patient's coming visits: ``needed`` while an event is open, then ``cleared``.

    Inside the transaction that raised or closed the event. None is cancelled by it.
    """
    is_open = find_open_level(patient_id=patient_id) is not None
    coming = select(Occurrence.id).where(Occurrence.ends_at > now)
    marked = update(Appointment).where(
        Appointment.patient_id == patient_id,
        Appointment.status.in_(_COMING),
        Appointment.occurrence_id.in_(coming),
        Appointment.review != "needed" if is_open else Appointment.review == "needed",
    )
    review = "needed" if is_open else "cleared"
    db.session.execute(
        marked.values(review=review, version=Appointment.version + 1).execution_options(
            synchronize_session=False
        )
    )
