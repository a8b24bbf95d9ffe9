"""A record made by staff for somebody who is on the phone or at the counter."""

from datetime import datetime

from clinic.core.db import transaction
from clinic.core.values import Actor
from clinic.people.operations.patients import find_or_add_patient
from clinic.people.rules.patients import PatientDetails


@transaction
def register_patient(*, details: PatientDetails, actor: Actor, now: datetime) -> str:
    """The public id of this person's record: found again as bookings find it, or added."""
    return find_or_add_patient(details=details, actor=actor, now=now).public_id
