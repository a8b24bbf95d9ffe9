"""Who was meant: patients by name, phone or birth date, a visit or a request by its reference, an
order by its code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.gait.queries.codes import find_order_of_code
from clinic.payments.queries.orders import OrderSeen
from clinic.people.queries import FoundPatient, search_patients
from clinic.people.rules.searching import Asked
from clinic.scheduling.models import Appointment, Occurrence
from clinic.scheduling.queries.requests import RequestedVisit, find_request_by_reference
from clinic.scheduling.queries.visits import Visit, find_visit_by_reference

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search; ``coming`` is each patient's next visit by patient id."""

    patients: tuple[FoundPatient, ...]
    coming: dict[int, datetime]
    visit: Visit | None = None
    order: OrderSeen | None = None
    request: RequestedVisit | None = None


def find_anything(
    *, text: str, asked: Asked, with_orders: bool, with_requests: bool, now: datetime
) -> Found:
    """The patients, the visit, the order and the request that a text may mean: few queries."""
    visit = find_visit_by_reference(text)
    patients = search_patients(asked=asked, limit=SHOWN) if not asked.is_empty else ()
    order = find_order_of_code(text) if with_orders else None
    request = find_request_by_reference(text) if with_requests else None
    coming = _coming([one.patient_id for one in patients], now)
    return Found(patients, coming, visit, order, request)


def _coming(patients: Sequence[int], now: datetime) -> dict[int, datetime]:
    if not patients:
        return {}
    wanted = (
        select(Appointment.patient_id, func.min(Occurrence.starts_at))
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(
            Appointment.patient_id.in_(patients),
            Appointment.status.in_(("booked", "arrived", "checked-in")),
            Occurrence.ends_at > now,
        )
        .group_by(Appointment.patient_id)
    )
    rows: list[Any] = list(db.session.execute(wanted))
    return dict(rows)
