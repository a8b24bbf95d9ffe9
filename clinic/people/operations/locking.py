"""A patient's record, locked."""

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.rows import lock_row
from clinic.people.models import Patient
from clinic.people.queries.merges import follow_merge


def lock_record(public_id: str) -> Patient:
    """The record of that public id, or the one it was merged into; locked until the end.

    Raises NotFound.
    """
    person = lock_row(Patient, public_id)
    while person.merged_at is not None:
        person = lock_row(Patient, follow_merge(person).public_id)
    return person


def lock_two_records(first: str, second: str) -> tuple[Patient, Patient]:
    """Both records as they are, in the order asked for, locked in the order of their numbers.

    Nobody can give either a row meanwhile: foreign keys wait. Raises NotFound.
    """
    wanted = select(Patient.public_id).where(Patient.public_id.in_((first, second)))
    ordered = db.session.scalars(wanted.order_by(Patient.id)).all()
    locked = {name: lock_row(Patient, name) for name in ordered}
    missing = [name for name in (first, second) if name not in locked]
    for name in missing:
        locked[name] = lock_row(Patient, name)
    return locked[first], locked[second]
