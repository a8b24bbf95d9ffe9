"""The patient of a visit, as bookings see one inside a transaction."""

from dataclasses import dataclass

from clinic.intake.queries.safety import find_open_level
from clinic.intake.rules.alarms import Level
from clinic.people.models import Patient
from clinic.scheduling.operations.placing import (
    add_patient_resource,
    lock_patient,
    patient_resource,
)


@dataclass(frozen=True, slots=True)
class Guest:
    """The patient of a visit inside a transaction: row number and resource number.

    ``is_new``: added by this very transaction, so no visit is there to count or collide with.
    ``level`` is the highest of their open safety events.
    """

    patient_id: int
    resource: int
    is_new: bool = False
    level: Level | None = None

    @property
    def review(self) -> str:
        """Whether a clinician reads first what the patient answered."""
        return "needed" if self.level else "none"


def guest_of(person: Patient) -> Guest:
    """A patient as bookings see one; locked, unless nobody else can know the record yet."""
    if person.was_added:
        return Guest(person.id, add_patient_resource(person.id), is_new=True)
    lock_patient(person.id)
    level = find_open_level(patient_id=person.id)
    return Guest(person.id, patient_resource(person.id), level=level)
