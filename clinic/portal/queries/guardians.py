"""Guardians as the desk looks after them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.people.models import Guardian, OwnConsent, Patient
from clinic.people.queries import has_own_consent
from clinic.people.rules.ages import latest_adult_birth


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGuardian:
    """Somebody who acts for a child, or says so; ``patient`` is the child's public id.

    ``is_resting``: the minor decides alone, so that nobody acts.
    """

    public_id: str
    name: str
    relation: str
    birth_date: date
    email: str | None
    phone: str | None
    named_at: datetime
    is_confirmed: bool
    is_resting: bool
    patient: str
    child: str
    child_birth_date: date


def list_guardians(*, today: date, limit: int = 100) -> tuple[NamedGuardian, ...]:
    """Guardians of today's minors: those to be confirmed first, then the latest named."""
    wanted = (
        select(Guardian, Patient, has_own_consent())
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(Guardian.ended_at.is_(None), Patient.merged_at.is_(None))
        .where(Patient.birth_date > latest_adult_birth(today=today))
        .order_by(Guardian.confirmed_at.is_not(None), Guardian.id.desc())
        .limit(limit)
    )
    return tuple(_named(*row) for row in db.session.execute(wanted))


def _named(guardian: Guardian, child: Patient, is_resting: bool) -> NamedGuardian:
    return NamedGuardian(
        public_id=guardian.public_id,
        name=guardian.name,
        relation=guardian.relation,
        birth_date=guardian.birth_date,
        email=guardian.email,
        phone=guardian.phone,
        named_at=guardian.created_at,
        is_confirmed=guardian.confirmed_at is not None,
        is_resting=is_resting,
        patient=child.public_id,
        child=f"{child.given_name} {child.family_name}",
        child_birth_date=child.birth_date,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneMinor:
    """A minor who decides alone, and why; ``patient`` is the public id of the record."""

    public_id: str
    patient: str
    name: str
    birth_date: date
    ground: str
    note: str
    granted_at: datetime
    granted_by: str


def list_lone_minors(*, today: date, limit: int = 100) -> tuple[LoneMinor, ...]:
    """Those under 18 for whom an exception stands, the latest first."""
    wanted = (
        select(OwnConsent, Patient)
        .join(Patient, Patient.id == OwnConsent.patient_id)
        .where(OwnConsent.ended_at.is_(None), Patient.merged_at.is_(None))
        .where(Patient.birth_date > latest_adult_birth(today=today))
        .order_by(OwnConsent.id.desc())
        .limit(limit)
    )
    return tuple(
        LoneMinor(
            public_id=consent.public_id,
            patient=patient.public_id,
            name=f"{patient.given_name} {patient.family_name}",
            birth_date=patient.birth_date,
            ground=consent.ground,
            note=consent.note or "",
            granted_at=consent.granted_at,
            granted_by=consent.granted_by,
        )
        for consent, patient in db.session.execute(wanted)
    )
