"""Who decides alone about their care: adults, and minors whom the law lets consent."""

from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select

from clinic.core.db import db
from clinic.people.models import OwnConsent, Patient
from clinic.people.rules.ages import latest_adult_birth


def decides_alone(*, today: date) -> ColumnElement[bool]:
    """Whether no guardian acts for a patient of this query (New York, PHL §2504)."""
    is_of_age = Patient.birth_date <= latest_adult_birth(today=today)
    return or_(is_of_age, has_own_consent())


def has_own_consent() -> ColumnElement[bool]:
    """Whether staff have found that a patient of this query may decide alone under 18."""
    return exists().where(OwnConsent.patient_id == Patient.id, OwnConsent.ended_at.is_(None))


def may_decide_alone(*, patient: str, today: date) -> bool:
    """The same for the patient of that public id; False where there is none."""
    wanted = select(Patient.id).where(Patient.public_id == patient, decides_alone(today=today))
    return db.session.scalar(wanted) is not None


def list_patients_named(
    *, given_key: str, family_key: str, birth_date: date, limit: int = 10
) -> tuple[Patient, ...]:
    """The records of that very name and birth date, the oldest first."""
    wanted = (
        select(Patient)
        .where(
            Patient.birth_date == birth_date,
            Patient.family_key == family_key,
            Patient.given_key == given_key,
            Patient.merged_at.is_(None),
        )
        .order_by(Patient.id)
        .limit(limit)
    )
    return tuple(db.session.scalars(wanted))
