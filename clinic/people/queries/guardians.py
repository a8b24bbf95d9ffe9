"""Reads about those who act for children."""

from sqlalchemy import exists, func, select

from clinic.core.db import db
from clinic.people.models import Guardian, OwnConsent

MOST_ADDRESSES = 4
"""A child has few guardians; a message to more would be a mistake."""


def list_guardian_addresses(*, patient_id: int) -> list[str]:
    """The e-mail addresses of confirmed guardians who act still, each once, the first named first.

    None of a minor who decides alone; whether the patient is a minor still is the caller's to know.
    """
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
