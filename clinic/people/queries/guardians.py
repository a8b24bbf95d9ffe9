"""Reads about those who act for children, and where patients are written to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select

from clinic.core.db import db
from clinic.messaging.delivery import date_at_clinic
from clinic.people.models import Guardian, OwnConsent, Patient
from clinic.people.rules.ages import is_minor

MOST_ADDRESSES = 4
"""A child has few guardians; a message to more would be a mistake."""


def list_addresses(*, person: Patient, now: datetime) -> Sequence[str]:
    """The e-mail addresses at which a patient is told: their own, for a child without one its
    guardians'. Only such a child costs a query."""
    if person.email is not None:
        return [person.email]
    if not is_minor(birth_date=person.birth_date, today=date_at_clinic(now)):
        return []
    return _guardian_addresses(person.id)


def _guardian_addresses(patient_id: int) -> list[str]:
    """Those of confirmed guardians who act still, each once, the first named first; none of a minor
    who decides alone."""
    wanted = (
        select(func.min(Guardian.email))
        .where(
            Guardian.patient_id == patient_id,
            Guardian.email_key.is_not(None),
            Guardian.confirmed_at.is_not(None),
            Guardian.ended_at.is_(None),
            ~exists().where(
                OwnConsent.patient_id == Guardian.patient_id, OwnConsent.ended_at.is_(None)
            ),
        )
        .group_by(Guardian.email_key)
        .order_by(func.min(Guardian.id))
        .limit(MOST_ADDRESSES)
    )
    return [email for email in db.session.scalars(wanted) if email is not None]
