"""The patient of a visit, as bookings see one inside a transaction."""

from dataclasses import dataclass
from datetime import datetime

from clinic.intake.queries.safety.gate import find_open_level
from clinic.intake.rules.alarms import Level
from clinic.people.models import Patient
from clinic.scheduling.operations.placing import (
    add_patient_resource,
    lock_patient,
    patient_resource,
)
from clinic.scheduling.operations.refusals import LimitReached
from clinic.scheduling.queries.setting import get_numbers
from clinic.scheduling.queries.visits import count_live_on_day
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date


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


def refuse_over_limit(
    *,
    setting: Setting,
    guest: Guest,
    service: str,
    starts_at: datetime,
    zone: str,
    besides: int | None = None,
) -> None:
    """Raise LimitReached where the day of that zone holds all that the policy lets patients book of
    this service; ``besides`` leaves out one appointment, the one that is being moved."""
    found = count_live_on_day(
        patient_id=guest.patient_id,
        service_id=get_numbers(setting).services[service],
        day=local_date(instant=int(starts_at.timestamp()), zone=zone),
        zone=zone,
        besides=besides,
    )
    if found >= setting.policy.online_limit_per_service_and_day:
        raise LimitReached
