"""A small clinic on a database, and visits in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Location,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
    Service,
)
from clinic.setup.operations import Loaded, load_clinic
from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.reading import read_clinic_file

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York

TEXT = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"
[[locations]]
slug = "main"
name = "Main office"
[[locations]]
slug = "uptown"
name = "Uptown"
time_zone = "America/Chicago"
[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"
[[resources]]
slug = "treadmill-2"
name = "Treadmill 2"
kind = "equipment"
location = "main"
[[resources]]
slug = "treadmill-1"
name = "Treadmill 1"
kind = "equipment"
location = "main"
[[services]]
slug = "gait"
name = "Gait analysis"
minutes = 60
min_notice_hours = 0.5
price_cents = 42000
forms = ["intake"]
needs = [["lab"], ["treadmill-2", "treadmill-1"]]
[[services]]
slug = "follow-up"
name = "Follow-up"
minutes = 30
price_cents = 18000
[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["gait", "follow-up"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners.exceptions]]
date = 2026-12-24
hours = []
[[practitioners]]
slug = "abe"
name = "Abe Ito"
services = ["follow-up"]
licence = "PT"
[[practitioners.hours]]
days = ["sat"]
from = "09:00"
to = "24:00"
location = "main"
[[closures]]
date = 2026-11-26
reason = "Thanksgiving"
[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "gait"
price_cents = 42000
"""


def read(text: str) -> ClinicFile:
    return read_clinic_file(data=text.encode())


def without(old: str, new: str = "") -> ClinicFile:
    assert TEXT.count(old) == 1, old
    return read(TEXT.replace(old, new))


def load(file: ClinicFile, **more: Any) -> Loaded:
    return load_clinic(file=file, actor=SYSTEM, now=NOW, **more)


def rows(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@transaction
def book(*, service: str, practitioner: str, at: datetime, status: str = "booked") -> str:
    """A visit at the main office as the tables keep it, whatever the rules would say."""

    def number(model: type[Any], slug: str) -> int:
        return int(db.session.scalars(select(model.id).where(model.slug == slug)).one())

    ends = at + timedelta(hours=1)
    patient = Patient(
        given_name="Ana",
        family_name="Beltran",
        birth_date=at.date(),
        given_key="ana",
        family_key="beltran",
        created_at=NOW,
    )
    occurrence = Occurrence(
        service_id=number(Service, service),
        practitioner_id=number(Practitioner, practitioner),
        location_id=number(Location, "main"),
        starts_at=at,
        ends_at=ends,
        busy_from=at,
        busy_until=ends,
        capacity=1,
        state="booked",
    )
    db.session.add_all([patient, occurrence])
    db.session.flush()
    if service == "gait":
        for position, slug in enumerate(("lab", "treadmill-1")):
            db.session.add(
                OccurrenceResource(
                    occurrence_id=occurrence.id,
                    resource_id=number(Resource, slug),
                    position=position,
                )
            )
    appointment = Appointment(
        occurrence_id=occurrence.id, patient_id=patient.id, status=status, created_at=NOW
    )
    db.session.add(appointment)
    return appointment.public_id
