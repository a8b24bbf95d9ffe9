"""What the subjects of entries are called: for eyes that may see names, a query for each kind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.people.models import ApiToken, Patient, Staff
from clinic.people.rules.names import name_key
from clinic.scheduling.models import Appointment, Location, Occurrence, VisitRequest

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class SubjectName:
    """A subject's name. ``patient`` is the record it is about; a visit has its start too.

    ``zone`` is None where the visit's place keeps the clinic's time.
    """

    name: str
    patient: str | None = None
    starts_at: datetime | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A patient as a search shows one."""

    public_id: str
    name: str
    birth_date: Any


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody whose deeds the trail tells; ``is_program`` for an API token."""

    public_id: str
    name: str
    is_program: bool


def find_names(*, subjects: Iterable[str]) -> dict[str, SubjectName]:
    """Subject -> its name, for those that are known: always the same five queries."""
    ids: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        kind, _, public_id = subject.partition(":")
        ids[kind].add(public_id)
    found: dict[str, SubjectName] = {}
    for kind, rows in (
        ("patient", _patients(ids["patient"])),
        ("appointment", _visits(ids["appointment"])),
        ("visit-request", _requests(ids["visit-request"])),
        ("staff", _named(Staff, ids["staff"])),
        ("token", _named(ApiToken, ids["token"])),
    ):
        found |= {f"{kind}:{public_id}": name for public_id, name in rows}
    return found


def _patients(ids: set[str]) -> Iterable[tuple[str, SubjectName]]:
    rows = db.session.execute(_people().where(Patient.public_id.in_(ids)))
    return [(one, SubjectName(_full(given, family), one)) for one, given, family in rows]


def _people() -> Select[str, str, str]:
    return select(Patient.public_id, Patient.given_name, Patient.family_name)


def _visits(ids: set[str]) -> Iterable[tuple[str, SubjectName]]:
    wanted = (
        select(
            Appointment.public_id,
            Patient.public_id,
            Patient.given_name,
            Patient.family_name,
            Occurrence.starts_at,
            Location.time_zone,
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Location, Location.id == Occurrence.location_id)
        .where(Appointment.public_id.in_(ids))
    )
    return [
        (one, SubjectName(_full(given, family), patient, starts_at, zone))
        for one, patient, given, family, starts_at, zone in db.session.execute(wanted)
    ]


def _requests(ids: set[str]) -> Iterable[tuple[str, SubjectName]]:
    wanted = (
        select(VisitRequest.public_id, Patient.public_id, Patient.given_name, Patient.family_name)
        .join(Patient, Patient.id == VisitRequest.patient_id)
        .where(VisitRequest.public_id.in_(ids))
    )
    return [
        (one, SubjectName(_full(given, family), patient))
        for one, patient, given, family in db.session.execute(wanted)
    ]


def _named(model: type[Staff] | type[ApiToken], ids: set[str]) -> Iterable[tuple[str, SubjectName]]:
    rows = db.session.execute(select(model.public_id, model.name).where(model.public_id.in_(ids)))
    return [(one, SubjectName(name)) for one, name in rows]


def get_patient_name(*, public_id: str) -> str:
    """The patient's name; NotFound."""
    row = db.session.execute(_people().where(Patient.public_id == public_id)).first()
    if row is None:
        raise NotFound
    return _full(row.given_name, row.family_name)


def list_patients_named(*, name: str) -> list[PersonFound]:
    """Up to twenty records of whom each word begins the given or the family name."""
    words = name_key(name).split(" ")
    wanted = (
        select(Patient)
        .where(
            *(
                or_(
                    Patient.given_key.startswith(word, autoescape=True),
                    Patient.family_key.startswith(word, autoescape=True),
                )
                for word in words
            )
        )
        .order_by(Patient.family_key, Patient.given_key, Patient.id)
        .limit(MOST_FOUND)
    )
    return [
        PersonFound(one.public_id, _full(one.given_name, one.family_name), one.birth_date)
        for one in db.session.scalars(wanted)
    ]


def list_doers() -> list[Doer]:
    """Staff and programs, those who left too, by name."""
    staff = db.session.execute(select(Staff.public_id, Staff.name).order_by(Staff.name)).all()
    programs = db.session.execute(
        select(ApiToken.public_id, ApiToken.name).order_by(ApiToken.name, ApiToken.id)
    ).all()
    return [
        *(Doer(one, name, is_program=False) for one, name in staff),
        *(Doer(one, name, is_program=True) for one, name in programs),
    ]


def _full(given: str, family: str) -> str:
    return f"{given} {family}"
