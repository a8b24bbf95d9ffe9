"""Guardians of children: kept with a booking, and believed only where that is safe."""

from datetime import datetime

from sqlalchemy import or_, select

from clinic.core import audit
from clinic.core.db import db
from clinic.core.rows import store
from clinic.core.values import Actor
from clinic.people.models import Guardian, Patient
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.names import email_key, name_key


def note_guardian(
    *, patient: Patient, details: GuardianDetails, actor: Actor, now: datetime
) -> None:
    """Keep who acts for this child; the same guardian is kept once. Called inside an operation.

    Only the guardian who came with a new record is believed. A record that was there before is
    not opened by whoever knows a child's name and birth date: staff confirm that guardian first.
    """
    if _is_known(patient, details):
        return
    store(
        Guardian(
            patient_id=patient.id,
            name=details.name,
            name_key=name_key(details.name),
            birth_date=details.birth_date,
            relation=details.relation,
            email=details.email,
            email_key=email_key(details.email) if details.email else None,
            phone=details.phone,
            created_at=now,
            confirmed_at=now if patient.was_added else None,
        )
    )
    audit.record(
        action="guardian.added",
        actor=actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"relation": details.relation, "confirmed": patient.was_added},
    )


def _is_known(patient: Patient, details: GuardianDetails) -> bool:
    contact = []
    if details.email:
        contact.append(Guardian.email_key == email_key(details.email))
    if details.phone:
        contact.append(Guardian.phone == details.phone)
    if not contact:
        return False
    wanted = select(Guardian.id).where(
        Guardian.patient_id == patient.id,
        Guardian.birth_date == details.birth_date,
        Guardian.name_key == name_key(details.name),
        or_(*contact),
    )
    return db.session.scalar(wanted.limit(1)) is not None
