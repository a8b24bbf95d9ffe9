"""What is known of some answers when a save of them is weighed: the newest events about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all

from clinic.core.db import db
from clinic.intake.models import OpenSafetyEvent, SafetyEvent, SafetyStep
from clinic.intake.rules.alarms import StepKind
from clinic.people.queries.merges import is_of_person


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
