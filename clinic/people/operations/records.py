"""Corrections of a patient's record by staff."""

from datetime import datetime

from clinic.core import audit
from clinic.core.db import transaction
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.people.operations.locking import lock_record
from clinic.people.operations.patients import refresh_search_keys
from clinic.people.queries.records import stands_as
from clinic.people.rules.names import email_key, name_key
from clinic.people.rules.patients import PatientDetails

FIELDS = ("given_name", "family_name", "birth_date", "email", "phone")


class RecordChanged(Refusal):
    """Somebody else saved the record after it was looked at."""

    code = "record-changed"
    status = 409
    message = "Somebody changed this record meanwhile. Look at it again, then repeat your change."


@transaction
def correct_patient(
    *, patient: str, details: PatientDetails, looked_at: str, actor: Actor, now: datetime
) -> None:
    """Keep the corrected names, birth date and contact; the trail names the fields, not the values.

    ``looked_at`` is ``stands_as`` of what was looked at. Raises NotFound and RecordChanged.
    """
    person = lock_record(patient)
    if stands_as(person) != looked_at:
        raise RecordChanged
    changed = [name for name in FIELDS if getattr(person, name) != getattr(details, name)]
    if not changed:
        return
    for name in changed:
        setattr(person, name, getattr(details, name))
    person.given_key, person.family_key = name_key(person.given_name), name_key(person.family_name)
    person.email_key = email_key(person.email) if person.email else None
    refresh_search_keys(person)
    audit.record(
        action="patient.corrected",
        actor=actor,
        now=now,
        subject=f"patient:{person.public_id}",
        details={"fields": changed},
    )
