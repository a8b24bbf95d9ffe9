"""Writing down who sent a patient, and taking it back."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import Patient
from clinic.scheduling.models import Referral

LONGEST_NAME = 200
MOST_VISITS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReferral:
    """Who sent the patient, from when until when, and for how many visits (None: not limited)."""

    referrer: str
    begins: date
    ends: date | None = None
    visits: int | None = None


@transaction
def add_referral(*, patient: str, new: NewReferral, actor: Actor, now: datetime) -> str:
    """Keep a referral or an insurer's authorisation; answers its public id.

    Raises NotFound, Invalid.
    """
    errors: dict[str, list[str]] = {}
    if not 0 < len(new.referrer) <= LONGEST_NAME:
        errors["referrer"] = [_("Enter who sent the patient, in at most 200 characters.")]
    if new.ends is not None and new.ends < new.begins:
        errors["ends"] = [_("It cannot end before it begins.")]
    if new.visits is not None and not 0 < new.visits <= MOST_VISITS:
        errors["visits"] = [_("Enter a number of visits from 1 to 500, or nothing.")]
    if errors:
        raise Invalid(errors)
    person = lock_row(Patient, patient)
    row = Referral(
        patient_id=person.id,
        begins=new.begins,
        ends=new.ends,
        visits=new.visits,
        added_at=now,
        added_by=actor.name[:LONGEST_NAME],
    )
    row.referrer = new.referrer
    db.session.add(row)
    db.session.flush()
    _record("patient.referred", row, patient, actor, now)
    return row.public_id


@transaction
def remove_referral(*, patient: str, referral: str, actor: Actor, now: datetime) -> None:
    """Let it count no more; twice is once. Raises NotFound, also for one of somebody else."""
    person, row = lock_row(Patient, patient), lock_row(Referral, referral)
    if row.patient_id != person.id:
        raise NotFound
    if row.removed_at is None:
        row.removed_at, row.removed_by = now, actor.name[:LONGEST_NAME]
        _record("patient.referral-removed", row, patient, actor, now)


def _record(action: str, row: Referral, patient: str, actor: Actor, now: datetime) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient}",
        details={"referral": row.public_id},
    )
