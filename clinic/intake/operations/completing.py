"""Answers are handed in as a whole; what changes afterwards stands beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row, store
from clinic.intake.models import FormAssignment, QuestionnaireVersion, Response, ResponseVersion
from clinic.intake.operations import signing
from clinic.intake.operations.deeds import record_deed
from clinic.intake.operations.refusals import (
    ChangedElsewhere,
    FormClosed,
    IntakeIncomplete,
    SafetyOutdated,
)
from clinic.intake.operations.safety.raising import evaluate_safety
from clinic.intake.operations.signing import SignatureGiven
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.responses import answers_of, is_safety_old
from clinic.intake.rules.checking import check_response
from clinic.intake.rules.exporting import effective_response
from clinic.intake.rules.faults import faults_in
from clinic.intake.rules.form import Form
from clinic.intake.rules.parties import Author
from clinic.intake.rules.reading import write_json
from clinic.intake.rules.state import State
from clinic.intake.rules.working import Answers, digest, from_response, state_of, write_answers


@dataclass(frozen=True, slots=True)
class Completed:
    """A response as it was handed in."""

    response: str
    number: int
    sha256: str


@transaction
def complete_response(
    *,
    response: str,
    version: int,
    author: Author,
    now: datetime,
    signature: SignatureGiven | None = None,
) -> Completed:
    """Hand a response in as it stood at ``version``: only what counts is kept.

    Raises NotFound, FormClosed, ChangedElsewhere, SafetyOutdated and IntakeIncomplete.
    """
    row = lock_row(Response, response)
    assignment = db.session.get_one(FormAssignment, row.assignment_id, with_for_update=True)
    if row.status != "in-progress" or assignment.withdrawn_at is not None:
        raise FormClosed
    if row.version != version:
        raise ChangedElsewhere
    questionnaire = db.session.get_one(QuestionnaireVersion, row.questionnaire_version_id)
    form = form_of(questionnaire, language=row.language)
    if is_safety_old(response=row, form=form, now=now):
        raise SafetyOutdated
    state = _checked(form, answers_of(row), row.language)
    assignment.done_at, row.completed_at, row.status = now, now, "completed"
    row.version += 1
    row.answers = write_answers(answers=from_response(form=form, raw=_effective(state)))
    row.saved_at = now
    made = _add_version(row, state, status="completed", author=author, now=now)
    evaluate_safety(response=row, state=state, author=author, now=now, is_left=True)
    signing.sign(response=row, version=made, signature=signature, author=author, now=now)
    record_deed("form.completed", row, author, now)
    return Completed(row.public_id, made.number, made.sha256)


@transaction
def amend_response(
    *, response: str, answers: Answers, reason: str, author: Author, now: datetime
) -> Completed:
    """Put other answers beside what was handed in, with the reason; nothing is overwritten.

    Raises NotFound, FormClosed for what was not handed in, Invalid without a reason and
    IntakeIncomplete.
    """
    row = lock_row(Response, response)
    if row.status not in {"completed", "amended"}:
        raise FormClosed
    if not reason.strip():
        raise Invalid({"reason": ["Say why the answers change."]})
    questionnaire = db.session.get_one(QuestionnaireVersion, row.questionnaire_version_id)
    form = form_of(questionnaire, language=row.language)
    state = _checked(form, answers, row.language)
    row.status, row.saved_at = "amended", now
    row.version += 1
    row.answers = write_answers(answers=from_response(form=form, raw=_effective(state)))
    made = _add_version(row, state, status="amended", author=author, now=now, reason=reason.strip())
    touched = form.by_link.keys()
    evaluate_safety(
        response=row, state=state, author=author, now=now, is_left=True, changed=touched
    )
    record_deed("form.amended", row, author, now)
    return Completed(row.public_id, made.number, made.sha256)


def _checked(form: Form, answers: Answers, language: str) -> State:
    """The state of what counts; raises IntakeIncomplete."""
    draft = state_of(form=form, answers=answers)
    raw = effective_response(state=draft)
    raw["status"] = "completed"
    if language:
        raw["language"] = language
    state, issues = check_response(form=form, raw=raw)
    if state is None:
        raise IntakeIncomplete(())
    faults = faults_in(state=state, issues=issues)
    if faults or issues.refused or not raw.get("item"):
        raise IntakeIncomplete(faults)
    return state


def _effective(state: State) -> dict[str, Any]:
    return effective_response(state=state, with_texts=True)


def _add_version(
    response: Response,
    state: State,
    *,
    status: str,
    author: Author,
    now: datetime,
    reason: str | None = None,
) -> ResponseVersion:
    number = (
        db.session.scalar(
            select(func.count(ResponseVersion.id)).where(ResponseVersion.response_id == response.id)
        )
        or 0
    ) + 1
    body = {**_effective(state), "status": status, "authored": now.isoformat()}
    made = ResponseVersion(
        response_id=response.id,
        number=number,
        status=status,
        at=now,
        source=author.source.value,
        author=author.name[:200],
        language=response.language,
        sha256=digest(response=body),
    )
    made.answers = write_json(body, indent=None)
    made.reason = reason
    store(made)
    return made
