"""Reads about what was asked of whom, and what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import Instant, is_public_id
from clinic.intake.library import safety_rules
from clinic.intake.models import (
    FormAssignment,
    FormSession,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    ResponseChange,
)
from clinic.intake.queries.links import FormVisitor, as_visitor
from clinic.intake.queries.questionnaires import find_active, form_of
from clinic.intake.rules.alarms import SCREENING_LASTS
from clinic.intake.rules.form import Form
from clinic.intake.rules.sections import comes_first
from clinic.intake.rules.translation import languages_of
from clinic.intake.rules.working import Answers, read_answers
from clinic.people.models import Patient
from clinic.people.queries import token_hash


@dataclass(frozen=True, slots=True)
class AssignedForm:
    """A form asked of a patient, with the response when it was begun.

    ``version`` is the one it was begun on, else the active one; None when there is none any more.
    ``language`` is the one it is filled in in, "" for the form's own.
    """

    assignment: FormAssignment
    questionnaire: Questionnaire
    patient: Patient
    response: Response | None
    version: QuestionnaireVersion | None
    language: str = ""

    @property
    def form(self) -> Form:
        """Its definition; NotFound when no version is active and none was begun."""
        if self.version is None:
            raise NotFound
        return form_of(self.version, language=self.language)

    @property
    def title(self) -> str:
        """What the form is called, in its language; "" where no version is active."""
        return str(self.form.raw.get("title") or "") if self.version is not None else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it can be filled in in, its own first."""
        if self.version is None:
            return ()
        return languages_of(form=form_of(self.version), asked_by_rules=safety_rules().asked)

    def spoken(self, language: str) -> "AssignedForm":
        """The same in a language, where it can be filled in in that one."""
        return replace(self, language=language) if language in self.languages else self

    def on_version(self, version: QuestionnaireVersion) -> "AssignedForm":
        """The same on another version of its form, in the same language where that has it."""
        return replace(self, version=version, language="").spoken(self.language)

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled in."""
        return self.assignment.done_at is None and self.assignment.withdrawn_at is None


def get_assigned(*, public_id: str) -> AssignedForm:
    """The assignment of that public id with all that belongs to it; NotFound."""
    if not is_public_id(public_id):
        raise NotFound
    row = db.session.execute(_ONE_ASSIGNED, {"assignment": public_id}).one_or_none()
    if row is None:
        raise NotFound
    return _as_assigned(*row)


def find_visited(
    *, token: str, public_id: str, now: datetime
) -> tuple[FormVisitor, AssignedForm] | None:
    """A live session of a link and the form of its own patient in one question; else None, and
    what is missing is to be found out one by one."""
    if not is_public_id(public_id):
        return None
    asked = {"token": token_hash(token), "now": now, "assignment": public_id}
    row = db.session.execute(_VISITED, asked).one_or_none()
    if row is None:
        return None
    assignment, questionnaire, patient, response, version, session = row
    assigned = _as_assigned(assignment, questionnaire, patient, response, version)
    visitor = as_visitor(session=session, patient=patient, now=now)
    return (visitor, assigned) if visitor is not None else None


def assignment_of(*, response: str) -> str:
    """The public id of the assignment that a response answers; NotFound."""
    found = None
    if is_public_id(response):
        found = db.session.scalar(
            select(FormAssignment.public_id)
            .join(Response, Response.assignment_id == FormAssignment.id)
            .where(Response.public_id == response)
        )
    if found is None:
        raise NotFound
    return found


def list_assigned(*, patient: str, with_done: bool = False) -> list[AssignedForm]:
    """The forms asked of a patient (public id), in the order in which they are met.

    With ``with_done`` also those that were handed in; those taken back never.
    """
    wanted = (
        _assigned()
        .where(Patient.public_id == patient, FormAssignment.withdrawn_at.is_(None))
        .order_by(Questionnaire.position, FormAssignment.id)
    )
    if not with_done:
        wanted = wanted.where(FormAssignment.done_at.is_(None))
    return [_as_assigned(*row) for row in db.session.execute(wanted)]


def _assigned() -> Select[
    FormAssignment, Questionnaire, Patient, Response | None, QuestionnaireVersion | None
]:
    """Whatever was asked, with the version it was begun on."""
    return (
        select(FormAssignment, Questionnaire, Patient, Response, QuestionnaireVersion)
        .join(Questionnaire, Questionnaire.id == FormAssignment.questionnaire_id)
        .join(Patient, Patient.id == FormAssignment.patient_id)
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .outerjoin(
            QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id
        )
    )


_ONE_ASSIGNED = _assigned().where(FormAssignment.public_id == bindparam("assignment"))
_VISITED = (
    _assigned()
    .add_columns(FormSession)
    .join(FormSession, FormSession.patient_id == Patient.id)
    .where(
        FormAssignment.public_id == bindparam("assignment"),
        FormSession.token_hash == bindparam("token"),
        FormSession.expires_at > bindparam("now", type_=Instant),
    )
)


def _as_assigned(
    assignment: FormAssignment,
    questionnaire: Questionnaire,
    patient: Patient,
    response: Response | None,
    version: QuestionnaireVersion | None,
) -> AssignedForm:
    if response is None:
        version = find_active(questionnaire_id=questionnaire.id)
    language = response.language if response is not None else ""
    return AssignedForm(assignment, questionnaire, patient, response, version, language)


def answers_of(response: Response) -> Answers:
    """The map of a response as it stands."""
    return read_answers(text=response.answers or "{}")


def list_changes(*, response_id: int, since: int) -> Sequence[ResponseChange]:
    """The saves after a version, oldest first."""
    return db.session.scalars(
        select(ResponseChange)
        .where(ResponseChange.response_id == response_id, ResponseChange.number > since)
        .order_by(ResponseChange.number)
    ).all()


def is_safety_old(*, response: Response, form: Form, now: datetime) -> bool:
    """Whether the safety questions of a form in progress were answered too long ago (RF-07).

    They then are asked again, and nothing else before. One query, and none for young responses.
    """
    if response.completed_at is not None or now - response.created_at <= SCREENING_LASTS:
        return False
    first = comes_first(form=form, asked_by_rules=safety_rules().asked)
    if first is None:
        return False
    last = db.session.scalar(
        select(func.max(ResponseChange.at)).where(
            ResponseChange.response_id == response.id, ResponseChange.section == first.number
        )
    )
    return last is not None and now - last > SCREENING_LASTS


def find_last_completed(
    *, patient_id: int, questionnaire_id: int, since: datetime | None = None
) -> tuple[Response, QuestionnaireVersion] | None:
    """The newest completed response to a form, and the version it answers; or None."""
    wanted = (
        select(Response, QuestionnaireVersion)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .where(
            Response.patient_id == patient_id,
            QuestionnaireVersion.questionnaire_id == questionnaire_id,
            Response.completed_at.is_not(None),
        )
        .order_by(Response.completed_at.desc(), Response.id.desc())
        .limit(1)
    )
    if since is not None:
        wanted = wanted.where(Response.completed_at > since)
    row = db.session.execute(wanted).one_or_none()
    return (row[0], row[1]) if row else None
