"""Forms are asked of a patient when a visit is booked, or by somebody at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from clinic.core import audit
from clinic.core.db import db, in_transaction, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.intake.models import FormAssignment, Questionnaire, Response
from clinic.intake.queries.questionnaires import list_given
from clinic.intake.queries.responses import find_last_completed
from clinic.intake.queries.screening import SAFETY_FORM
from clinic.intake.rules.alarms import SCREENING_LASTS
from clinic.intake.rules.parties import Audience, age_on, is_meant_for
from clinic.people.models import Patient
from clinic.people.operations.locking import lock_record


@dataclass(frozen=True, slots=True)
class Occasion:
    """What forms are asked for: ``about`` is `appointment:<public id>`, ``due_at`` when it begins.

    ``is_returning``: the patient was here before. ``today`` is the clinic's day.
    """

    about: str | None
    due_at: datetime | None
    today: date
    is_returning: bool = False


class AlreadyAsked(Refusal):
    """The patient has this form open."""

    code = "already-asked"
    message = "This form is waiting for the patient already."


class AlreadyBegun(Refusal):
    """Somebody has begun to fill the form in; it is not taken back."""

    code = "already-begun"
    message = "This form was begun or handed in already."


def assign_forms(
    *, patient: Patient, names: Sequence[str], occasion: Occasion, actor: Actor, now: datetime
) -> list[str]:
    """Ask for the forms of these slugs (or addresses), inside the transaction of a booking.

    Left out is what is not meant for the patient (age, new or returning), what was answered lately
    enough, and what no version is active of. A form that is open already now belongs to the earlier
    of the two visits. Answers the public ids of what is asked for anew. RuntimeError outside a
    transaction.
    """
    if not in_transaction():
        raise RuntimeError("forms are asked for inside the operation that needs them")
    if not names:
        return []
    is_open = _open_of(patient.id)
    found: list[str] = []
    for questionnaire in list_given(names=names):
        row = is_open.get(questionnaire.id)
        if row is not None:
            _bring_forward(row, occasion)
        elif _is_wanted(questionnaire, patient, occasion, now):
            found.append(_add(questionnaire, patient.id, occasion, actor, now).public_id)
    return found


@transaction
def ask_for_form(
    *, patient: str, slug: str, occasion: Occasion, actor: Actor, now: datetime
) -> str:
    """Somebody of the clinic asks a patient (public id) for one form; answers its public id.

    Raises NotFound, and AlreadyAsked when it is open.
    """
    person = lock_record(patient)
    questionnaire = next(iter(list_given(names=[slug])), None)
    if questionnaire is None:
        raise NotFound
    if questionnaire.id in _open_of(person.id):
        raise AlreadyAsked
    row = _add(questionnaire, person.id, occasion, actor, now)
    _record("form.asked", row, person, actor, now)
    return row.public_id


@transaction
def take_back_form(*, assignment: str, actor: Actor, now: datetime) -> None:
    """Ask for a form no more. Raises NotFound, and AlreadyBegun once there are answers."""
    row = lock_row(FormAssignment, assignment)
    if row.withdrawn_at is not None:
        return
    if row.done_at is not None or _is_begun(row):
        raise AlreadyBegun
    row.withdrawn_at = now
    _record("form.taken-back", row, db.session.get_one(Patient, row.patient_id), actor, now)


def release_forms(*, about: str, now: datetime) -> None:
    """A visit was cancelled: what nobody began is taken back, the rest is for no visit any more.

    Inside the transaction of the cancellation.
    """
    for row in _open_about(about):
        if _is_begun(row):
            row.about, row.due_at = None, None
        else:
            row.withdrawn_at = now


def withdraw_unbegun(*, questionnaire_id: int, now: datetime) -> int:
    """Nobody is given the form any more: whoever was asked for it and has not begun it is asked no
    more. Inside the transaction that retires it. How many that were."""
    begun = select(Response.id).where(Response.assignment_id == FormAssignment.id)
    gone = db.session.scalars(
        update(FormAssignment)
        .where(
            FormAssignment.questionnaire_id == questionnaire_id,
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
            ~begun.exists(),
        )
        .values(withdrawn_at=now)
        .returning(FormAssignment.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone)


def move_forms(*, about: str, due_at: datetime) -> bool:
    """A visit was moved: its forms are due by its new start, inside the same transaction.

    Whether any form still waits for it.
    """
    moved = db.session.scalars(
        update(FormAssignment)
        .where(
            FormAssignment.about == about,
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
        )
        .values(due_at=due_at)
        .returning(FormAssignment.id)
    ).all()
    return bool(moved)


def _open_of(patient_id: int) -> dict[int, FormAssignment]:
    wanted = select(FormAssignment).where(
        FormAssignment.patient_id == patient_id,
        FormAssignment.done_at.is_(None),
        FormAssignment.withdrawn_at.is_(None),
    )
    return {row.questionnaire_id: row for row in db.session.scalars(wanted)}


def _open_about(about: str) -> Sequence[FormAssignment]:
    wanted = select(FormAssignment).where(
        FormAssignment.about == about,
        FormAssignment.done_at.is_(None),
        FormAssignment.withdrawn_at.is_(None),
    )
    return db.session.scalars(wanted).all()


def _bring_forward(row: FormAssignment, occasion: Occasion) -> None:
    if occasion.due_at is not None and (row.due_at is None or occasion.due_at < row.due_at):
        row.about, row.due_at = occasion.about, occasion.due_at


def _is_wanted(
    questionnaire: Questionnaire, patient: Patient, occasion: Occasion, now: datetime
) -> bool:
    audience = Audience(questionnaire.for_whom, questionnaire.min_age, questionnaire.max_age)
    age = age_on(birth_date=patient.birth_date, day=occasion.today)
    if not is_meant_for(audience=audience, age=age, is_returning=occasion.is_returning):
        return False
    lasts = _lasts(questionnaire)
    if lasts is None or patient.was_added:
        return True
    since = now - lasts
    last = find_last_completed(
        patient_id=patient.id, questionnaire_id=questionnaire.id, since=since
    )
    return last is None


def _lasts(questionnaire: Questionnaire) -> timedelta | None:
    """For how long answers are good; those about safety never longer than RF-07 lets them be."""
    if questionnaire.lasts_days is None:
        return None
    lasts = timedelta(days=questionnaire.lasts_days)
    return min(lasts, SCREENING_LASTS) if questionnaire.slug == SAFETY_FORM else lasts


def _add(
    questionnaire: Questionnaire, patient_id: int, occasion: Occasion, actor: Actor, now: datetime
) -> FormAssignment:
    row = FormAssignment(
        patient_id=patient_id,
        questionnaire_id=questionnaire.id,
        about=occasion.about,
        due_at=occasion.due_at,
        created_at=now,
        created_by=actor.name,
    )
    db.session.add(row)
    return row


def _is_begun(row: FormAssignment) -> bool:
    begun = select(Response.id).where(Response.assignment_id == row.id)
    return db.session.scalar(begun) is not None


def _record(
    action: str, row: FormAssignment, patient: Patient, actor: Actor, now: datetime
) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"form": row.public_id},
    )
