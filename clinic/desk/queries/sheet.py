"""The visits of a day with what is needed when no screen can be asked: birth date and phone."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from clinic.core.db import db
from clinic.desk.queries.calendar import MOST_VISITS, Span
from clinic.people.models import Patient
from clinic.scheduling.queries.visits import Visit, list_visits

LISTED = frozenset({"booked", "arrived", "checked-in", "fulfilled"})


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A visit and how its patient is reached."""

    visit: Visit
    birth_date: date
    phone: str | None
    email: str | None


def list_sheet(*, day: date, zone: str) -> tuple[SheetRow, ...]:
    """What begins on the local date and was not cancelled or missed: three queries."""
    span = Span(day, day, zone)
    found = list_visits(starts_at=span.begins, ends_at=span.ends, limit=MOST_VISITS).visits
    visits = [one for one in found if one.status in LISTED]
    wanted = select(Patient.public_id, Patient.birth_date, Patient.phone, Patient.email).where(
        Patient.public_id.in_({one.patient for one in visits})
    )
    people = {row[0]: row for row in db.session.execute(wanted)}
    return tuple(
        SheetRow(one, people[one.patient][1], people[one.patient][2], people[one.patient][3])
        for one in visits
    )
