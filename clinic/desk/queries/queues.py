"""What waits at the desk, as numbers: one question for all of it, asked once a page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.once import ask_once
from clinic.intake.models import OpenSafetyEvent
from clinic.messaging.models import Message
from clinic.payments.models import OrderTask
from clinic.people.models import PatientSuggestion
from clinic.scheduling.models import Appointment, VisitRequest, WaitlistEntry


@dataclass(frozen=True, slots=True)
class Queues:
    """How many of each wait for a person."""

    safety: int = 0
    requests: int = 0
    reviews: int = 0
    failed: int = 0
    duplicates: int = 0
    tasks: int = 0
    waitlist: int = 0


def count_queues() -> Queues:
    """Safety events that nobody took on, requests without an answer, visits a clinician must read,
    messages that could not be sent, records that may be one person, open tasks of orders,
    who waits for a time.
    """
    return ask_once(_count_queues)


def _count_queues() -> Queues:
    wanted = select(
        _count(OpenSafetyEvent.event_id, OpenSafetyEvent.acknowledged_at.is_(None)),
        _count(VisitRequest.id, VisitRequest.status == "requested"),
        _count(
            Appointment.id,
            Appointment.review == "needed",
            Appointment.status.in_(("booked", "arrived", "checked-in")),
        ),
        _count(Message.id, Message.state == "failed"),
        _count(PatientSuggestion.patient_id, PatientSuggestion.settled_at.is_(None)),
        _count(OrderTask.id, OrderTask.closed_at.is_(None)),
        _count(WaitlistEntry.id, WaitlistEntry.status.in_(("waiting", "offered"))),
    )
    return Queues(*db.session.execute(wanted).one())


def _count(column: Any, *conditions: Any) -> Any:
    return select(func.count(column)).where(*conditions).scalar_subquery()
