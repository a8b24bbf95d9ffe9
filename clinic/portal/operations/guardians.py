"""The desk decides who acts for a child, after asking who they are."""

from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.people.models import Guardian, Patient


@transaction
def confirm_guardian(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Let this guardian see the child's record; twice is once. Raises NotFound, also when ended."""
    guardian, child = _lock(public_id)
    if guardian.confirmed_at is None:
        guardian.confirmed_at = now
        _record("guardian.confirmed", child, actor, now)


@transaction
def end_guardian(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Take a guardian's access, or refuse it, from this moment on. Raises NotFound."""
    guardian, child = _lock(public_id)
    guardian.ended_at = now
    _record("guardian.ended", child, actor, now)


def _lock(public_id: str) -> tuple[Guardian, Patient]:
    wanted = (
        select(Guardian, Patient)
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(Guardian.public_id == public_id, Guardian.ended_at.is_(None))
        .with_for_update(of=Guardian)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _record(action: str, child: Patient, actor: Actor, now: datetime) -> None:
    audit.record(action=action, actor=actor, now=now, subject=f"patient:{child.public_id}")
