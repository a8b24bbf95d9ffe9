"""What open safety events close or ask for, for bookings and for the front desk."""

from collections.abc import Sequence

from sqlalchemy import select

from clinic.core.db import db
from clinic.intake.models import OpenSafetyEvent
from clinic.intake.rules.alarms import CLOSING, Level, highest
from clinic.people.models import Patient


def find_open_level(*, patient_id: int) -> Level | None:
    """The highest level of a patient's open events (row number); None without any."""
    wanted = select(OpenSafetyEvent.level).where(OpenSafetyEvent.patient_id == patient_id)
    found = highest(db.session.scalars(wanted))
    return Level(found) if found else None


def is_self_booking_closed(*, patient: str) -> bool:
    """Whether a clinician must speak with the patient (public id) before they book anything."""
    wanted = (
        select(OpenSafetyEvent.event_id)
        .join(Patient, Patient.id == OpenSafetyEvent.patient_id)
        .where(
            Patient.public_id == patient,
            OpenSafetyEvent.level.in_([level.value for level in CLOSING]),
        )
        .limit(1)
    )
    return db.session.scalar(wanted) is not None


def list_must_call(*, patients: Sequence[str]) -> frozenset[str]:
    """Of these patients (public ids) those about whom an event is open; one query.

    All that the front desk may know of it: a clinician must call.
    """
    wanted = (
        select(Patient.public_id)
        .join(OpenSafetyEvent, OpenSafetyEvent.patient_id == Patient.id)
        .where(Patient.public_id.in_(patients))
    )
    return frozenset(db.session.scalars(wanted))
