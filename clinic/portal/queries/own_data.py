"""Everything that the clinic keeps of a patient and shows to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, one_snapshot
from clinic.payments.queries.orders import OrderSeen, list_orders
from clinic.people.models import Guardian, Patient
from clinic.people.queries import get_patient
from clinic.scheduling.queries.requests import RequestedVisit, list_patient_requests
from clinic.scheduling.queries.visits import Visit, list_coming_visits, list_past_visits
from clinic.scheduling.queries.waitlist import WaitingEntry, list_patient_entries

MOST_ORDERS = 1000
"""More than anybody buys."""


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """Who acts for a child; not ``is_confirmed``: somebody who was named and is not known yet."""

    name: str
    relation: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class OwnData:
    """A record as its owner may have it, what it holds the latest first."""

    patient: Patient
    guardians: tuple[GuardianRow, ...]
    visits: tuple[Visit, ...]
    requests: tuple[RequestedVisit, ...]
    waitlist: tuple[WaitingEntry, ...]
    orders: tuple[OrderSeen, ...]


def get_own_data(*, patient: str, now: datetime) -> OwnData:
    """All there is of the record of that public id, as of one moment; NotFound."""
    one_snapshot()
    record = get_patient(public_id=patient)
    coming = list_coming_visits(patient=patient, now=now, limit=None)
    return OwnData(
        patient=record,
        guardians=_guardians(record),
        visits=(*reversed(coming), *list_past_visits(patient=patient, now=now, limit=None)),
        requests=list_patient_requests(patient=patient, limit=None),
        waitlist=list_patient_entries(patient=patient, limit=None),
        orders=list_orders(patient=patient, limit=MOST_ORDERS).orders,
    )


def _guardians(record: Patient) -> tuple[GuardianRow, ...]:
    wanted = (
        select(Guardian)
        .where(Guardian.patient_id == record.id, Guardian.ended_at.is_(None))
        .order_by(Guardian.id)
    )
    return tuple(
        GuardianRow(row.name, row.relation, row.confirmed_at is not None)
        for row in db.session.scalars(wanted)
    )
