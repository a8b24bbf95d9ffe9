"""Visits of patients whose answers a clinician reads first."""

from datetime import datetime

from sqlalchemy import select, update

from clinic.core.db import db
from clinic.intake.queries.safety import find_open_level
from clinic.scheduling.models import Appointment, Occurrence

_COMING = ("booked", "arrived", "checked-in")


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
