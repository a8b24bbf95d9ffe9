"""Reads about second factors and sign-ins that wait for one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.people.models import PendingSignIn, RecoveryCode, SecondFactor, Staff
from clinic.people.queries.secrets import token_hash


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose right password waits for a code."""

    staff_id: int
    public_id: str
    email: str


def find_waiting(*, token: str, now: datetime) -> Waiting | None:
    """The sign-in that waits under this token; None once it is over."""
    wanted = (
        select(Staff.id, Staff.public_id, Staff.email)
        .join(PendingSignIn, PendingSignIn.staff_id == Staff.id)
        .where(PendingSignIn.token_hash == token_hash(token), PendingSignIn.expires_at > now)
        .where(Staff.disabled_at.is_(None))
    )
    row = db.session.execute(wanted).first()
    return Waiting(*row) if row else None


def find_factor(*, staff_id: int) -> SecondFactor | None:
    """The app that this person signs in with, if there is one."""
    wanted = select(SecondFactor).where(
        SecondFactor.staff_id == staff_id, SecondFactor.confirmed_at.is_not(None)
    )
    return db.session.scalar(wanted)


def find_begun_factor(*, staff_id: int) -> SecondFactor | None:
    """The app that this person is setting up, if there is one."""
    wanted = select(SecondFactor).where(
        SecondFactor.staff_id == staff_id, SecondFactor.confirmed_at.is_(None)
    )
    return db.session.scalar(wanted)


def count_recovery_codes(*, staff_id: int) -> int:
    """How many recovery codes this person has left."""
    wanted = select(func.count()).where(
        RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None)
    )
    return int(db.session.scalar(wanted) or 0)
