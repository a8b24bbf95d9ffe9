"""Requests for the desk's queue: a few open ones, or many beside a long history of closed ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.types import new_public_id
from clinic.people.models import Patient
from clinic.scheduling.models import VisitRequest
from clinic.scheduling.rules.requests import Urgency

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests wait for the clinic, and how many are closed."""

    open: int
    closed: int


FEW = Asked(open=10, closed=0)
MANY = Asked(open=1_000, closed=100_000)


def fill_requests(asked: Asked) -> None:
    """Write them past the operations, inside an application context."""
    patients = list(db.session.scalars(select(Patient.id).order_by(Patient.id).limit(100)))
    db.session.remove()
    rows: list[dict[str, Any]] = []
    with db.engine.begin() as connection:
        for row in _rows(asked, patients, now()):
            rows.append(row)
            if len(rows) == CHUNK:
                connection.execute(insert(VisitRequest), rows)
                rows = []
        if rows:
            connection.execute(insert(VisitRequest), rows)


def _rows(asked: Asked, patients: list[int], moment: datetime) -> Iterator[dict[str, Any]]:
    for number in range(asked.open):
        at = moment - timedelta(minutes=number)
        yield _row(patients[number % len(patients)], at, "requested", list(Urgency)[number % 3])
    for number in range(asked.closed):
        at = moment - timedelta(days=1, minutes=5 * number)
        yield _row(patients[number % len(patients)], at, "withdrawn", Urgency.ROUTINE)


def _row(patient: int, at: datetime, status: str, urgency: Urgency) -> dict[str, Any]:
    request = VisitRequest(public_id=new_public_id())
    request.reason = "My hip hurts when I run, and since last week when I sit too."
    return {
        "public_id": request.public_id,
        "modality": "in_person",
        "status": status,
        "patient_id": patient,
        "reason_sealed": request.reason_sealed,
        "zone": "America/New_York",
        "urgency": urgency.value,
        "created_at": at,
        "due_at": at + timedelta(hours=8),
        "closed_at": at + timedelta(hours=4) if status == "withdrawn" else None,
        "version": 1,
        "link_version": 1,
        "is_unsure": False,
        "needs_interpreter": False,
    }
