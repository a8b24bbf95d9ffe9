"""A way into the demo's forms: a link to somebody who has forms to fill in."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM
from clinic.intake.models import FormAssignment
from clinic.intake.operations.links import new_form_link
from clinic.people.models import Patient

LASTS = timedelta(days=30)


def demo_forms_hint(*, now: datetime) -> str:
    """A line that says where a made-up patient's forms open, and with which birth date; or ""."""
    patient = db.session.scalar(
        select(Patient)
        .join(FormAssignment, FormAssignment.patient_id == Patient.id)
        .where(
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
            FormAssignment.due_at > now,
        )
        .order_by(Patient.id, FormAssignment.due_at.desc())  # the demo's own were there first
        .limit(1)
    )
    if patient is None:
        return ""
    name, born = f"{patient.given_name} {patient.family_name}", patient.birth_date
    token = new_form_link(patient=patient.public_id, actor=SYSTEM, now=now, expires_at=now + LASTS)
    return f"Forms to fill in, of {name}, born {born:%m/%d/%Y}, open at /intake/{token}"
