"""Whom an e-mail address and a birth date open."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, select

from clinic.core.db import db
from clinic.people.models import Guardian, Patient
from clinic.people.queries import decides_alone, token_hash
from clinic.portal.models import PatientSession
from clinic.web.households import Household, Kin

IDLE = timedelta(minutes=30)
"""A patient's session that nobody used for so long has ended."""


def find_household(
    *, session: str, email_key: str, birth_date: date, today: date
) -> Household | None:
    """The records that this proof opens: one's own first, then children from the oldest.

    A record is one's own from the eighteenth birthday on, or once staff found that one may decide
    alone before it. An address that a guardian of that person
    gave proves the guardian, also after that birthday: it never opens the grown child's record.
    """
    kin = (*_own(email_key, birth_date, today), *_children(email_key, birth_date, today))
    if not kin:
        return None
    return Household(session=session, email=email_key, birth_date=birth_date, kin=kin)


def find_address(*, email_key: str, today: date) -> str | None:
    """The stored e-mail address by which somebody may sign in, None when there is nobody.

    The stored one is written to, never what was typed: two addresses may fold to the same key.
    """
    own = select(Patient.email).where(*_is_own(email_key, today)).limit(1)
    theirs = (
        select(Guardian.email)
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(*_acts(email_key, today))
        .limit(1)
    )
    return db.session.scalar(own) or db.session.scalar(theirs)


def find_session(*, token: str, now: datetime, today: date) -> tuple[Household, datetime] | None:
    """Whose live session this token is, and when it was last used; None when there is none."""
    wanted = select(PatientSession).where(
        PatientSession.token_hash == token_hash(token),
        PatientSession.expires_at > now,
        PatientSession.last_seen_at > now - IDLE,
    )
    row = db.session.scalar(wanted)
    if row is None:
        return None
    household = find_household(
        session=row.public_id, email_key=row.email_key, birth_date=row.birth_date, today=today
    )
    return None if household is None else (household, row.last_seen_at)


def _own(email_key: str, birth_date: date, today: date) -> list[Kin]:
    wanted = select(Patient).where(*_is_own(email_key, today), Patient.birth_date == birth_date)
    return [_kin(patient) for patient in db.session.scalars(wanted.order_by(Patient.id))]


def _children(email_key: str, birth_date: date, today: date) -> list[Kin]:
    wanted = (
        select(Patient, Guardian)
        .join(Guardian, Guardian.patient_id == Patient.id)
        .where(*_acts(email_key, today), Guardian.birth_date == birth_date)
        .order_by(Patient.birth_date, Patient.id, Guardian.id)
    )
    found: dict[int, Kin] = {}
    for patient, guardian in db.session.execute(wanted):
        found.setdefault(patient.id, _kin(patient, guardian))
    return list(found.values())


def _is_own(email_key: str, today: date) -> tuple[ColumnElement[bool], ...]:
    is_guardians = exists().where(
        Guardian.patient_id == Patient.id, Guardian.email_key == email_key
    )
    return (
        Patient.email_key == email_key,
        Patient.merged_at.is_(None),
        decides_alone(today=today),
        ~is_guardians,
    )


def _acts(email_key: str, today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Guardian.email_key == email_key,
        Patient.merged_at.is_(None),
        Guardian.confirmed_at.is_not(None),
        Guardian.ended_at.is_(None),
        ~decides_alone(today=today),
    )


def _kin(patient: Patient, guardian: Guardian | None = None) -> Kin:
    return Kin(
        patient=patient.public_id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        email=patient.email,
        phone=patient.phone,
        guardian=guardian.public_id if guardian else None,
        guardian_name=guardian.name if guardian else None,
        guardian_phone=guardian.phone if guardian else None,
        relation=guardian.relation if guardian else None,
    )
