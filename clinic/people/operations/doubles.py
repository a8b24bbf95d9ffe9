"""Two records that looked like one person, and are not."""

from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.people.models import Patient, PatientSuggestion


@transaction
def tell_apart(*, first: str, second: str, actor: Actor, now: datetime) -> None:
    """Note that two records (public ids) are two people: they are not suggested again.

    Twice is once. Raises NotFound where nothing suggested them.
    """
    found = db.session.execute(
        select(Patient.id, Patient.public_id).where(Patient.public_id.in_((first, second)))
    ).all()
    names = sorted((ident, public_id) for ident, public_id in found)
    if len(names) != len({first, second}) or len(names) < len((first, second)):
        raise NotFound
    (older, _), (newer, _) = names
    pair = db.session.get(PatientSuggestion, (older, newer), with_for_update=True)
    if pair is None:
        raise NotFound
    if pair.settled_at is not None:
        return
    pair.settled_at = now
    for (_, one), (_, other) in (names, reversed(names)):
        audit.record(
            action="patient.told-apart",
            actor=actor,
            now=now,
            subject=f"patient:{one}",
            details={"from": other},
        )
