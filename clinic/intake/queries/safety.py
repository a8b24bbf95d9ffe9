"""Reads about safety events: the queue, one event's story, and what bookings ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.intake.models import OpenSafetyEvent, Response, SafetyEvent, SafetyStep
from clinic.intake.rules.alarms import (
    CLOSING,
    INTERRUPTING,
    Level,
    Outcome,
    StepKind,
    Worded,
    from_stored,
    highest,
)
from clinic.intake.rules.reading import read_json
from clinic.messaging.models import Message
from clinic.messaging.rules import State as MessageState
from clinic.people.models import Patient, PatientMerge
from clinic.people.queries.merges import is_of_person

LATE = timedelta(minutes=5)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class LastEvent:
    """The newest event of a rule about some answers; ``said`` are the words that raised it,
    ``says`` its latest known ones."""

    rule_id: str
    event_id: int
    number: int
    is_open: bool
    said: str
    says: str


@dataclass(frozen=True, slots=True)
class LastEvents:
    """What is known of some answers: by rule the newest event about them, and the open ones that
    the same patient told before a booking."""

    own: dict[str, LastEvent]
    booked: tuple[LastEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """An open event in the queue; ``taken_by`` is who acknowledged it."""

    event: str
    patient: str
    name: str
    phone: str | None
    email: str | None
    birth_date: Any
    level: Level
    title: str
    raised_at: datetime
    acknowledged_at: datetime | None
    taken_by: str | None
    is_escalated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an event; ``changed`` are the new answers, ``note`` words."""

    kind: StepKind
    at: datetime
    who: str
    outcome: Outcome | None
    note: str
    changed: tuple[Worded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStory:
    """Everything about one event, for clinicians."""

    event: str
    patient: str
    name: str
    phone: str | None
    email: str | None
    birth_date: Any
    about: str
    canonical: str
    rule_id: str
    rule_set: str
    source: str
    title: str
    level: Level
    raised_at: datetime
    author: str
    author_source: str
    answers: tuple[Worded, ...]
    steps: tuple[Step, ...]

    def find(self, kind: StepKind) -> Step | None:
        """The first step of a kind, or None."""
        return next((step for step in self.steps if step.kind is kind), None)

    @property
    def is_open(self) -> bool:
        """Whether no clinician has closed it."""
        return self.find(StepKind.CLOSED) is None


def list_last_events(*, about: str, patient_id: int) -> LastEvents:
    """The newest events about these answers, and the open ones from before a booking, with what was
    last said about each; one query, and one more where any is open.

    ``patient_id`` is a row number: one visitor may answer once and book for several people, and an
    open event stands with the record that holds it now.
    """
    own = (
        select(SafetyEvent.id, OpenSafetyEvent.event_id.label("open_id"))
        .outerjoin(OpenSafetyEvent, OpenSafetyEvent.event_id == SafetyEvent.id)
        .where(
            SafetyEvent.about == about,
            is_of_person(SafetyEvent.patient_id, patient_id=patient_id),
        )
    )
    booked = (
        select(SafetyEvent.id, OpenSafetyEvent.event_id.label("open_id"))
        .join(OpenSafetyEvent, OpenSafetyEvent.event_id == SafetyEvent.id)
        .where(
            OpenSafetyEvent.patient_id == patient_id,
            SafetyEvent.about.startswith("screening:"),
            SafetyEvent.about != about,
        )
    )
    both = union_all(own, booked).subquery()
    rows: Sequence[Any] = db.session.execute(
        select(SafetyEvent, both.c.open_id)
        .join(both, both.c.id == SafetyEvent.id)
        .order_by(SafetyEvent.number, SafetyEvent.id)
    ).all()
    said = _last_said([event.id for event, is_open in rows if is_open is not None])
    last = [(event.about, _last(event, is_open is not None, said)) for event, is_open in rows]
    return LastEvents(
        own={one.rule_id: one for of, one in last if of == about},
        booked=tuple(one for of, one in last if of != about),
    )


def _last(event: SafetyEvent, is_open: bool, said: Mapping[int, str]) -> LastEvent:
    answers = event.answers or ""
    says = said.get(event.id, answers)
    return LastEvent(event.rule_id, event.id, event.number, is_open, answers, says)


def _last_said(ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    wanted = (
        select(SafetyStep)
        .where(SafetyStep.event_id.in_(ids), SafetyStep.kind == StepKind.ANSWER_CHANGED.value)
        .order_by(SafetyStep.id)
    )
    return {step.event_id: step.note or "" for step in db.session.scalars(wanted)}


def find_open_level(*, patient_id: int) -> Level | None:
    """The highest level of a patient's open events (row number); None without any."""
    wanted = select(OpenSafetyEvent.level).where(OpenSafetyEvent.patient_id == patient_id)
    found = highest(db.session.scalars(wanted))
    return Level(found) if found else None


def is_self_booking_closed(*, patient: str) -> bool:
    """Whether a clinician must speak with the patient (public id) before they book anything."""
    wanted = (
        select(OpenSafetyEvent.event_id)
        .join(Patient, Patient.id == OpenSafetyEvent.patient_id)
        .where(
            Patient.public_id == patient,
            OpenSafetyEvent.level.in_([level.value for level in CLOSING]),
        )
        .limit(1)
    )
    return db.session.scalar(wanted) is not None


def list_must_call(*, patients: Sequence[str]) -> frozenset[str]:
    """Of these patients (public ids) those about whom an event is open; one query.

    All that the front desk may know of it: a clinician must call.
    """
    wanted = (
        select(Patient.public_id)
        .join(OpenSafetyEvent, OpenSafetyEvent.patient_id == Patient.id)
        .where(Patient.public_id.in_(patients))
    )
    return frozenset(db.session.scalars(wanted))


def count_waiting() -> int:
    """How many open events nobody has taken on."""
    waiting = OpenSafetyEvent.acknowledged_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(OpenSafetyEvent).where(waiting)) or 0


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


def get_event(*, public_id: str) -> EventStory:
    """One event with all that happened; NotFound."""
    return next(iter(_stories(SafetyEvent.public_id == public_id, public_id)), None) or _nothing()


def list_patient_events(*, patient: str) -> list[EventStory]:
    """All events of a patient (public id), the newest first."""
    return list(reversed(_stories(Patient.public_id == patient, patient)))


def list_interrupts(*, response: str) -> list[EventStory]:
    """Events about a response (public id) whose page the patient has not read yet, in order.

    With them what the patient told of the same form before the booking, while it is open: a
    response that confirms it raises no event of its own.
    """
    confirmed = (
        select(OpenSafetyEvent.event_id)
        .join(SafetyEvent, SafetyEvent.id == OpenSafetyEvent.event_id)
        .join(Response, Response.patient_id == OpenSafetyEvent.patient_id)
        .where(
            Response.public_id == response,
            Response.canonical == SafetyEvent.canonical,
            SafetyEvent.about.startswith("screening:"),
        )
    )
    named = or_(SafetyEvent.about == f"response:{response}", SafetyEvent.id.in_(confirmed))
    return [
        story
        for story in _stories(named, response)
        if story.level in INTERRUPTING and story.find(StepKind.READ) is None
    ]


def _nothing() -> EventStory:
    raise NotFound


def _stories(condition: Any, named: str) -> list[EventStory]:
    if not is_public_id(named):
        return []
    merged = and_(PatientMerge.gone_id == SafetyEvent.patient_id, PatientMerge.undone_at.is_(None))
    rows = db.session.execute(
        select(SafetyEvent, Patient)
        .outerjoin(PatientMerge, merged)
        .join(
            Patient, Patient.id == func.coalesce(PatientMerge.leads_to_id, SafetyEvent.patient_id)
        )
        .where(condition)
        .order_by(SafetyEvent.raised_at, SafetyEvent.id)
    ).all()
    steps: dict[int, list[Step]] = {}
    wanted = (
        select(SafetyStep)
        .where(SafetyStep.event_id.in_([event.id for event, _patient in rows]))
        .order_by(SafetyStep.id)
    )
    for step in db.session.scalars(wanted) if rows else ():
        steps.setdefault(step.event_id, []).append(_step(step))
    return [_story(event, patient, steps.get(event.id, [])) for event, patient in rows]


def _story(event: SafetyEvent, patient: Patient, steps: list[Step]) -> EventStory:
    return EventStory(
        event=event.public_id,
        patient=patient.public_id,
        name=f"{patient.given_name} {patient.family_name}",
        phone=patient.phone,
        email=patient.email,
        birth_date=patient.birth_date,
        about=event.about,
        canonical=event.canonical,
        rule_id=event.rule_id,
        rule_set=event.rule_set,
        source=event.source,
        title=event.title,
        level=Level(event.level),
        raised_at=event.raised_at,
        author=event.author,
        author_source=event.author_source,
        answers=_words(event.answers),
        steps=tuple(steps),
    )


def _step(row: SafetyStep) -> Step:
    kind = StepKind(row.kind)
    is_change = kind is StepKind.ANSWER_CHANGED
    return Step(
        kind=kind,
        at=row.at,
        who=row.actor_name,
        outcome=Outcome(row.outcome) if row.outcome else None,
        note="" if is_change else row.note or "",
        changed=_words(row.note) if is_change else (),
    )


def _words(text: str | None) -> tuple[Worded, ...]:
    return from_stored(read_json(data=text.encode())) if text else ()


def count_alerts_not_sent(*, kinds: Sequence[str], now: datetime) -> int:
    """Messages of these kinds that failed, or have been due for over five minutes (RF-09)."""
    late = and_(Message.state == MessageState.DUE.value, Message.due_at < now - LATE)
    failed = Message.state == MessageState.FAILED.value
    wanted = select(func.count()).select_from(Message).where(Message.kind.in_(kinds), late | failed)
    return db.session.scalar(wanted) or 0
