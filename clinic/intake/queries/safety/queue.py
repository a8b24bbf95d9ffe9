"""The queue of open safety events, and whether their alerts went out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.intake.models import OpenSafetyEvent, SafetyEvent, SafetyStep
from clinic.intake.rules.alarms import Level, StepKind
from clinic.messaging.models import Message
from clinic.messaging.rules import State as MessageState
from clinic.people.models import Patient

LATE = timedelta(minutes=5)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """An open event in the queue; ``taken_by`` is who acknowledged it."""

    event: str
    patient: str
    name: str
    phone: str | None
    email: str | None
    birth_date: date
    level: Level
    title: str
    raised_at: datetime
    acknowledged_at: datetime | None
    taken_by: str | None
    is_escalated: bool


def list_queue() -> list[QueuedEvent]:
    """Open events: first those that nobody took on, the highest level first, then the oldest."""
    rank = case(
        {level.value: number for number, level in enumerate(Level)}, value=OpenSafetyEvent.level
    )
    wanted = (
        _queued()
        .order_by(
            OpenSafetyEvent.acknowledged_at.is_not(None),
            rank,
            OpenSafetyEvent.raised_at,
            OpenSafetyEvent.event_id,
        )
        .limit(MOST_SHOWN)
    )
    return [_queue_row(*row) for row in db.session.execute(wanted)]


def list_open_of_patient(*, patient: str) -> list[QueuedEvent]:
    """The open events of one patient (public id), the highest level first."""
    wanted = _queued().where(Patient.public_id == patient).order_by(OpenSafetyEvent.raised_at)
    found = [_queue_row(*row) for row in db.session.execute(wanted)]
    return sorted(found, key=lambda one: list(Level).index(one.level))


def count_alerts_not_sent(*, kinds: Sequence[str], now: datetime) -> int:
    """Messages of these kinds that failed, or have been due for over five minutes (RF-09)."""
    late = and_(Message.state == MessageState.DUE.value, Message.due_at < now - LATE)
    failed = Message.state == MessageState.FAILED.value
    wanted = select(func.count()).select_from(Message).where(Message.kind.in_(kinds), late | failed)
    return db.session.scalar(wanted) or 0


def _queued() -> Select[Any]:
    taken, escalated = aliased(SafetyStep), aliased(SafetyStep)
    columns: tuple[Any, ...] = (
        OpenSafetyEvent,
        SafetyEvent,
        Patient,
        taken.actor_name,
        escalated.id,
    )
    return (
        select(*columns)
        .join(SafetyEvent, SafetyEvent.id == OpenSafetyEvent.event_id)
        .join(Patient, Patient.id == OpenSafetyEvent.patient_id)
        .outerjoin(taken, _step_of(taken, StepKind.ACKNOWLEDGED))
        .outerjoin(escalated, _step_of(escalated, StepKind.ESCALATED))
    )


def _step_of(step: Any, kind: StepKind) -> Any:
    return and_(step.event_id == OpenSafetyEvent.event_id, step.kind == kind.value)


def _queue_row(
    waiting: OpenSafetyEvent,
    event: SafetyEvent,
    patient: Patient,
    taken_by: str | None,
    escalated: int | None,
) -> QueuedEvent:
    return QueuedEvent(
        event=event.public_id,
        patient=patient.public_id,
        name=f"{patient.given_name} {patient.family_name}",
        phone=patient.phone,
        email=patient.email,
        birth_date=patient.birth_date,
        level=Level(waiting.level),
        title=event.title,
        raised_at=waiting.raised_at,
        acknowledged_at=waiting.acknowledged_at,
        taken_by=taken_by,
        is_escalated=escalated is not None,
    )
