"""Guardians as the desk looks after them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.people.models import Guardian, Patient
from clinic.people.rules.ages import latest_adult_birth


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGuardian:
    """Somebody who acts for a child, or says so; ``patient`` is the child's public id."""

    public_id: str
    name: str
    relation: str
    birth_date: date
    email: str | None
    phone: str | None
    named_at: datetime
    is_confirmed: bool
    patient: str
    child: str
    child_birth_date: date


def list_guardians(*, today: date, limit: int = 100) -> tuple[NamedGuardian, ...]:
    """Guardians of today's minors: those to be confirmed first, then the latest named."""
    wanted = (
        select(Guardian, Patient)
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(Guardian.ended_at.is_(None), Patient.birth_date > latest_adult_birth(today=today))
        .order_by(Guardian.confirmed_at.is_not(None), Guardian.id.desc())
        .limit(limit)
    )
    return tuple(_named(guardian, child) for guardian, child in db.session.execute(wanted))


def _named(guardian: Guardian, child: Patient) -> NamedGuardian:
    return NamedGuardian(
        public_id=guardian.public_id,
        name=guardian.name,
        relation=guardian.relation,
        birth_date=guardian.birth_date,
        email=guardian.email,
        phone=guardian.phone,
        named_at=guardian.created_at,
        is_confirmed=guardian.confirmed_at is not None,
        patient=child.public_id,
        child=f"{child.given_name} {child.family_name}",
        child_birth_date=child.birth_date,
    )
