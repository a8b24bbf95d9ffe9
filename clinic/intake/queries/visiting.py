"""A form as it is saved by the browser that a link let in: all that a save needs, in one question.

It is asked at every pause in typing, so its rows are read past the session.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal, or_, select

from clinic.core.db import current_connection
from clinic.core.prepared import fetch
from clinic.core.rows import columns_of, rows_of
from clinic.core.types import Instant, is_public_id
from clinic.intake.models import (
    FormAssignment,
    FormSession,
    OpenSafetyEvent,
    OpenSign,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    SafetyEvent,
)
from clinic.intake.queries.links import FormVisitor, as_visitor
from clinic.intake.queries.responses import AssignedForm
from clinic.people.models import Patient
from clinic.people.queries import token_hash

_MODELS = (FormSession, FormAssignment, Questionnaire, Patient, Response, QuestionnaireVersion)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is let in, the form with its answers, and whether it is calm: no event of safety and no
    sign that waits for another answer stands about them, and no open event with the patient."""

    visitor: FormVisitor
    assigned: AssignedForm
    is_calm: bool


def find_visit_to_save(*, token: str, public_id: str, now: datetime) -> Visit | None:
    """A live session of a link and its own patient's form, begun before; else None.

    Inside a transaction: the answers and their assignment are locked, in this order (decision 32).
    """
    if not is_public_id(public_id):
        return None
    asked = {"token": token_hash(token), "now": now, "assignment": public_id}
    found = fetch(current_connection(), _visit(), asked)
    if not found:
        return None
    session, assignment, questionnaire, patient, response, version = rows_of(found[0], *_MODELS)
    visitor = as_visitor(session=session, patient=patient, now=now)
    if visitor is None:
        return None
    assigned = AssignedForm(
        assignment, questionnaire, patient, response, version, response.language
    )
    return Visit(visitor, assigned, not found[0][-1])


def _stands_about(responses: Any) -> Any:
    """Whether anything of safety may wait for whoever gives these answers; see ``Visit``."""
    signs: Any = OpenSign.__table__
    events: Any = SafetyEvent.__table__
    waiting: Any = OpenSafetyEvent.__table__
    patient, about = responses.c.patient_id, literal("response:") + responses.c.public_id
    return or_(
        exists().where(signs.c.response_id == responses.c.id),
        exists().where(events.c.patient_id == patient, events.c.about == about),
        exists().where(waiting.c.patient_id == patient),
    ).label("stands")


@cache
def _visit() -> Select[Any]:
    tables: tuple[Any, ...] = tuple(model.__table__ for model in _MODELS)
    sessions, assignments, questionnaires, patients, responses, versions = tables
    return (
        select(*columns_of(*_MODELS), _stands_about(responses))
        .select_from(responses)
        .join(assignments, assignments.c.id == responses.c.assignment_id)
        .join(questionnaires, questionnaires.c.id == assignments.c.questionnaire_id)
        .join(patients, patients.c.id == assignments.c.patient_id)
        .join(versions, versions.c.id == responses.c.questionnaire_version_id)
        .join(sessions, sessions.c.patient_id == patients.c.id)
        .where(
            assignments.c.public_id == bindparam("assignment"),
            sessions.c.token_hash == bindparam("token"),
            sessions.c.expires_at > bindparam("now", type_=Instant),
        )
        .with_for_update(of=(responses, assignments))
    )
