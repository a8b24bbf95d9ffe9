"""All that happened to a safety event, as clinicians and the page about danger tell it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.intake.models import OpenSafetyEvent, Response, SafetyEvent, SafetyStep
from clinic.intake.rules.alarms import INTERRUPTING, Level, Outcome, StepKind, Worded, from_stored
from clinic.intake.rules.reading import read_json
from clinic.people.models import Patient, PatientMerge


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
    birth_date: date
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
