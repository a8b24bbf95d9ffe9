"""Deeds with answers, as the audit trail keeps them: never an answer."""

from datetime import datetime

from clinic.core import audit
from clinic.core.db import db
from clinic.intake.models import Response
from clinic.intake.rules.parties import Author
from clinic.people.models import Patient


def record_deed(
    action: str,
    response: Response,
    author: Author,
    now: datetime,
    *,
    patient: Patient | None = None,
) -> None:
    """Put a deed on record beside the patient: which response, and who gave the answers.

    ``patient`` is the response's, where it is at hand.
    """
    patient = patient or db.session.get_one(Patient, response.patient_id)
    audit.record(
        action=action,
        actor=author.actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"form": response.public_id, "by": author.source.value},
    )
