"""Safety answers before a booking: kept for a browser, and told of whoever then books with it."""

from datetime import datetime

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC, Actor
from clinic.intake.library import safety_rules
from clinic.intake.models import ScreenedPatient, Screening
from clinic.intake.operations.refusals import IntakeIncomplete
from clinic.intake.operations.safety.raising import raise_from_screening
from clinic.intake.queries.screening import (
    Screened,
    find_screening,
    find_screening_row,
    is_told_of,
    screening_form,
)
from clinic.intake.rules.alarms import CLOSING, Level
from clinic.intake.rules.faults import faults_in
from clinic.intake.rules.safety import fired_rules, highest_level
from clinic.intake.rules.working import Answers, canonical_of, state_of, write_answers
from clinic.people.models import Patient


@transaction
def keep_screening(*, visitor: str, answers: Answers, now: datetime) -> Screened:
    """Keep a visitor's answers to the safety questions and say what they call for.

    Later answers do not undo an emergency told in the last 14 days: a person has to speak with
    the visitor first. Raises IntakeIncomplete, which names what is not answered.
    """
    form = screening_form()
    state = state_of(form=form, answers=answers)
    faults = faults_in(state=state, issues=state.issues)
    if faults:
        raise IntakeIncomplete(faults)
    level = highest_level(fired_rules(rules=safety_rules(), state=state, age=None))
    before = find_screening(visitor=visitor, now=now)
    if before is not None and before.level in CLOSING:
        level = before.level
    row = Screening(visitor=visitor, at=now, canonical=canonical_of(form=form), level=level)
    row.answers = write_answers(answers=answers)
    db.session.add(row)
    audit.record(
        action="safety.screened",
        actor=PUBLIC,
        now=now,
        subject=f"screening:{row.public_id}",
        details={"level": level or ""},
    )
    return Screened(row.public_id, now, Level(level) if level else None)


def bind_screening(*, visitor: str, patient: Patient, actor: Actor, now: datetime) -> Level | None:
    """Tell what a visitor answered of the patient they book for, in the booking's transaction.

    Answers the highest level that it calls for; the same answers are told of a patient once.
    """
    found = find_screening_row(visitor=visitor, now=now)
    if found is None:
        return None
    row, state = found
    if not is_told_of(screening_id=row.id, patient_id=patient.id):
        told = ScreenedPatient(screening_id=row.id, patient_id=patient.id, at=now)
        db.session.add(told)
    level = raise_from_screening(screening=row, state=state, patient=patient, actor=actor, now=now)
    return Level(level) if level else None
