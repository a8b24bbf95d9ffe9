"""Reads for a patient's record at the desk."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.people.models import Guardian, Patient, PatientNote


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """What somebody noted; ``about`` names a visit or is None."""

    public_id: str
    kind: str
    about: str | None
    words: str
    added_at: datetime
    added_by: str


def stands_as(patient: Patient) -> str:
    """A short digest of names, birth date and contact: the same as long as nobody changes them."""
    said = (
        patient.given_name,
        patient.family_name,
        patient.birth_date.isoformat(),
        patient.email or "",
        patient.phone or "",
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def get_note(*, patient: str, note: str) -> NoteSeen:
    """A note of this patient that stands; NotFound for any other."""
    wanted = (
        select(PatientNote)
        .join(Patient, Patient.id == PatientNote.patient_id)
        .where(
            Patient.public_id == patient,
            PatientNote.public_id == note,
            PatientNote.removed_at.is_(None),
        )
    )
    row = db.session.scalar(wanted)
    if row is None:
        raise NotFound
    return _seen(row)


def list_alerts(*, patient_id: int, limit: int = 20) -> tuple[NoteSeen, ...]:
    """What must not be overlooked of a patient, the oldest first."""
    wanted = _live(patient_id, "alert").order_by(PatientNote.id).limit(limit)
    return tuple(_seen(row) for row in db.session.scalars(wanted))


def list_notes(*, patient_id: int, limit: int = 20) -> tuple[NoteSeen, ...]:
    """Notes on the patient in general, the newest first."""
    wanted = _live(patient_id, "note").where(PatientNote.about.is_(None))
    newest = wanted.order_by(PatientNote.id.desc()).limit(limit)
    return tuple(_seen(row) for row in db.session.scalars(newest))


def list_notes_about(*, patient_id: int, abouts: Collection[str]) -> tuple[NoteSeen, ...]:
    """Notes on these visits of a patient, the oldest first."""
    wanted = _live(patient_id, "note").where(PatientNote.about.in_(abouts))
    return tuple(_seen(row) for row in db.session.scalars(wanted.order_by(PatientNote.id)))


def list_guardians_of(*, patient_id: int, limit: int = 10) -> list[Guardian]:
    """Who acts for the patient, or was named to, the first named first."""
    wanted = select(Guardian).where(Guardian.patient_id == patient_id, Guardian.ended_at.is_(None))
    return list(db.session.scalars(wanted.order_by(Guardian.id).limit(limit)))


def _live(patient_id: int, kind: str) -> Select[PatientNote]:
    return select(PatientNote).where(
        PatientNote.patient_id == patient_id,
        PatientNote.kind == kind,
        PatientNote.removed_at.is_(None),
    )


def _seen(row: PatientNote) -> NoteSeen:
    return NoteSeen(row.public_id, row.kind, row.about, row.words or "", row.added_at, row.added_by)
