"""Staff find that a minor decides alone, and take it back. Guardians rest meanwhile."""

from datetime import datetime

from sqlalchemy import select, update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import Guardian, OwnConsent, Patient
from clinic.people.operations.locking import lock_record
from clinic.people.rules.ages import is_minor
from clinic.people.rules.names import email_key
from clinic.scheduling.models import Appointment, VisitRequest, WaitlistEntry
from clinic.scheduling.queries.setting import clinic_date


class NotAMinor(Refusal):
    """An adult decides alone anyway."""

    code = "not-a-minor"
    status = 409
    message = "This patient is of age and decides alone anyway."


@transaction
def let_decide_alone(
    *,
    patient: str,
    ground: str,
    note: str,
    email: str | None,
    phone: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that the minor of this record (public id) may consent, why, and how to reach them.

    A contact that a guardian gave stops being the minor's: it becomes what is given here, or none.
    Links that were made before open nothing any more. Twice is once, with the newer words. Raises
    NotFound and NotAMinor.
    """
    record = lock_record(patient)
    if not is_minor(birth_date=record.birth_date, today=clinic_date(now)):
        raise NotAMinor
    for earlier in _standing(record):
        earlier.ended_at, earlier.ended_by = now, actor.name[:200]
    db.session.flush()
    consent = OwnConsent(
        patient_id=record.id, ground=ground, granted_at=now, granted_by=actor.name[:200]
    )
    consent.note = note
    db.session.add(consent)
    _take_own_contact(record, email, phone)
    _end_links(record)
    _record("own-consent.granted", record, actor, now)


@transaction
def end_own_consent(*, public_id: str, actor: Actor, now: datetime) -> None:
    """From now on the guardians act again; raises NotFound, also when it has ended."""
    consent = lock_row(OwnConsent, public_id)
    if consent.ended_at is not None:
        raise NotFound
    consent.ended_at, consent.ended_by = now, actor.name[:200]
    record = db.session.get_one(Patient, consent.patient_id)
    _end_links(record)
    _record("own-consent.ended", record, actor, now)


def _standing(record: Patient) -> list[OwnConsent]:
    wanted = select(OwnConsent).where(
        OwnConsent.patient_id == record.id, OwnConsent.ended_at.is_(None)
    )
    return list(db.session.scalars(wanted))


def _take_own_contact(record: Patient, email: str | None, phone: str | None) -> None:
    given = select(Guardian.email_key, Guardian.phone).where(Guardian.patient_id == record.id)
    rows = db.session.execute(given).all()
    if email or record.email_key in {row.email_key for row in rows}:
        record.email, record.email_key = email, email_key(email) if email else None
    if phone or record.phone in {row.phone for row in rows}:
        record.phone = phone


def _end_links(record: Patient) -> None:
    for model in (Appointment, VisitRequest, WaitlistEntry):
        theirs = update(model).where(model.patient_id == record.id)
        db.session.execute(theirs.values(link_version=model.link_version + 1))


def _record(action: str, record: Patient, actor: Actor, now: datetime) -> None:
    audit.record(action=action, actor=actor, now=now, subject=f"patient:{record.public_id}")
