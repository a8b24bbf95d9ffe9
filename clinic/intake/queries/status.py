"""How forms stand, for the desk: counts and titles, never an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.intake.models import (
    FormAssignment,
    Questionnaire,
    QuestionnaireVersion,
    Response,
)
from clinic.intake.queries.responses import list_assigned
from clinic.people.models import Patient


@dataclass(frozen=True, slots=True)
class FormsCount:
    """Of the forms asked for a visit: how many there are, were begun, and were handed in."""

    asked: int
    begun: int
    done: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.done == self.asked


@dataclass(frozen=True, slots=True)
class FormStatus:
    """One form of a patient; ``status`` is `to-do`, `begun` or `done`."""

    assignment: str
    slug: str
    title: str
    about: str | None
    status: str
    due_at: datetime | None
    done_at: datetime | None


def count_forms(*, abouts: Sequence[str]) -> Mapping[str, FormsCount]:
    """``appointment:<public id>`` -> how its forms stand; without any: left out. One query."""
    rows = db.session.execute(
        select(
            FormAssignment.about,
            func.count(FormAssignment.id),
            func.count(Response.id),
            func.count(FormAssignment.done_at),
        )
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .where(FormAssignment.about.in_(abouts), FormAssignment.withdrawn_at.is_(None))
        .group_by(FormAssignment.about)
    )
    return {about or "": FormsCount(asked, begun, done) for about, asked, begun, done in rows}


def count_open(*, patients: Sequence[str]) -> Mapping[str, int]:
    """Patient's public id -> how many forms wait to be handed in; one query."""
    rows = db.session.execute(
        select(Patient.public_id, func.count(FormAssignment.id))
        .join(FormAssignment, FormAssignment.patient_id == Patient.id)
        .where(
            Patient.public_id.in_(patients),
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
        )
        .group_by(Patient.public_id)
    )
    return {str(patient): int(count) for patient, count in rows}


def count_unbegun(*, questionnaire_id: int) -> int:
    """How many patients were asked for a form and have not begun it."""
    found = db.session.scalar(
        select(func.count(FormAssignment.id))
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .where(
            FormAssignment.questionnaire_id == questionnaire_id,
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
            Response.id.is_(None),
        )
    )
    return found or 0


def find_waiting(*, about: str) -> tuple[str, datetime | None] | None:
    """The patient's public id and when the first form is due that waits; or None.

    ``about`` is a visit as in ``FormAssignment.about``, or ``patient:<public id>`` for all of them.
    """
    kind, _, ident = about.partition(":")
    whose = Patient.public_id == ident if kind == "patient" else FormAssignment.about == about
    row = db.session.execute(
        select(Patient.public_id, FormAssignment.due_at)
        .join(FormAssignment, FormAssignment.patient_id == Patient.id)
        .where(
            whose,
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
        )
        .order_by(FormAssignment.due_at)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def list_form_status(*, patient: str) -> list[FormStatus]:
    """Every form asked of a patient (public id) and not taken back, the newest last."""
    return [
        FormStatus(
            assignment=one.assignment.public_id,
            slug=one.questionnaire.slug,
            title=one.version.title if one.version else one.questionnaire.slug,
            about=one.assignment.about,
            status=_status(one.assignment, one.response),
            due_at=one.assignment.due_at,
            done_at=one.assignment.done_at,
        )
        for one in list_assigned(patient=patient, with_done=True)
    ]


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form by its title and how it stands: `to-do`, `begun` or `done`."""

    title: str
    status: str


def list_newest_forms(*, patient: str, limit: int) -> tuple[FormLine, ...]:
    """How the newest forms of a patient stand, those that wait first. No answer is read."""
    title = (
        select(QuestionnaireVersion.title)
        .where(QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .order_by(QuestionnaireVersion.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = (
        select(func.coalesce(title, Questionnaire.slug), FormAssignment.done_at, Response.id)
        .join(Questionnaire, Questionnaire.id == FormAssignment.questionnaire_id)
        .join(Patient, Patient.id == FormAssignment.patient_id)
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .where(Patient.public_id == patient, FormAssignment.withdrawn_at.is_(None))
        .order_by(FormAssignment.done_at.is_not(None), FormAssignment.id.desc())
        .limit(limit)
    )
    return tuple(
        FormLine(name, "done" if done else "begun" if response else "to-do")
        for name, done, response in db.session.execute(wanted)
    )


def _status(assignment: FormAssignment, response: Response | None) -> str:
    if assignment.done_at is not None:
        return "done"
    return "to-do" if response is None else "begun"
