"""Safety events are read, taken on, escalated once, closed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from clinic.core import audit, hooks
from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Invalid, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import SYSTEM, Actor, Role
from clinic.intake.models import OpenSafetyEvent, SafetyEvent, SafetyStep
from clinic.intake.operations.alerts import escalate_to_staff
from clinic.intake.operations.safety.steps import add_step
from clinic.intake.rules.alarms import Outcome, StepKind
from clinic.people.models import Patient
from clinic.people.queries.merges import follow_merge

LONGEST_NOTE = 2000


class AlreadyClosed(Refusal):
    """A clinician has closed the event."""

    code = "already-closed"
    message = "Somebody has closed this already."


@transaction
def mark_read(*, events: Iterable[str], actor: Actor, now: datetime) -> None:
    """The patient has read the page that these events (public ids) called for; twice is once."""
    for public_id in events:
        event = lock_row(SafetyEvent, public_id)
        if not _has_step(event.id, StepKind.READ):
            add_step(event.id, StepKind.READ, actor, now)
            _record("safety.read", event, actor, now)


@transaction
def acknowledge_event(*, event: str, actor: Actor, now: datetime) -> None:
    """A clinician takes the event on, so that nobody else is called; twice is once.

    Raises NotFound, AlreadyClosed, and Forbidden for other roles.
    """
    row, waiting = _lock_open(event, actor)
    if waiting.acknowledged_at is None:
        waiting.acknowledged_at, waiting.escalate_at = now, None
        add_step(row.id, StepKind.ACKNOWLEDGED, actor, now)
        _record("safety.acknowledged", row, actor, now)


@transaction
def close_event(*, event: str, outcome: Outcome, note: str, actor: Actor, now: datetime) -> None:
    """A clinician closes an event with what came of it, in a code and in words.

    With the patient's last one self-booking opens again. Raises NotFound, AlreadyClosed, Invalid
    without a note, and Forbidden for other roles (RF-05).
    """
    text = note.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Invalid({"note": ["Write what you found and decided, in up to 2,000 characters."]})
    row, waiting = _lock_open(event, actor)
    patient_id = waiting.patient_id  # of the record that holds it now: it may have been merged
    db.session.delete(waiting)
    add_step(row.id, StepKind.CLOSED, actor, now, outcome=outcome, note=text)
    _record("safety.closed", row, actor, now, outcome=outcome.value)
    db.session.flush()
    hooks.safety_changed.announce(patient_id, now)


def escalate_overdue(*, now: datetime) -> int:
    """Write to more people about emergencies that nobody has taken on in time; once for each."""
    overdue = select(OpenSafetyEvent.event_id).where(
        OpenSafetyEvent.escalate_at <= now, OpenSafetyEvent.acknowledged_at.is_(None)
    )
    return sum(_escalate(ident=ident, now=now) for ident in list(db.session.scalars(overdue)))


@transaction
def _escalate(*, ident: int, now: datetime) -> bool:
    wanted = (
        select(OpenSafetyEvent)
        .where(
            OpenSafetyEvent.event_id == ident,
            OpenSafetyEvent.escalate_at <= now,
            OpenSafetyEvent.acknowledged_at.is_(None),
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    waiting = db.session.scalar(wanted)
    if waiting is None:
        return False
    waiting.escalate_at = None
    event = db.session.get_one(SafetyEvent, ident)
    add_step(ident, StepKind.ESCALATED, SYSTEM, now)
    escalate_to_staff(event=event.public_id, now=now)
    _record("safety.escalated", event, SYSTEM, now)
    return True


def _lock_open(public_id: str, actor: Actor) -> tuple[SafetyEvent, OpenSafetyEvent]:
    if actor.role is not Role.CLINICIAN:
        raise Forbidden
    event = lock_row(SafetyEvent, public_id)
    waiting = db.session.get(
        OpenSafetyEvent, event.id, populate_existing=True, with_for_update=True
    )
    if waiting is None:
        raise AlreadyClosed
    return event, waiting


def _has_step(event_id: int, kind: StepKind) -> bool:
    wanted = select(SafetyStep.id).where(
        SafetyStep.event_id == event_id, SafetyStep.kind == kind.value
    )
    return db.session.scalar(wanted) is not None


def _record(action: str, event: SafetyEvent, actor: Actor, now: datetime, **details: str) -> None:
    patient = follow_merge(db.session.get_one(Patient, event.patient_id))
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"event": event.public_id, **details},
    )
