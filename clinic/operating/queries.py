"""What the database says about whether it is fit for patients."""

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.people.models import SecondFactor, Staff


def count_staff_without_second_factor() -> int:
    """Accounts that can sign in with a password alone."""
    confirmed = select(SecondFactor.id).where(
        SecondFactor.staff_id == Staff.id, SecondFactor.confirmed_at.is_not(None)
    )
    open_accounts = select(func.count()).where(
        Staff.disabled_at.is_(None), Staff.password_hash.is_not(None), ~confirmed.exists()
    )
    return db.session.scalar(open_accounts) or 0
