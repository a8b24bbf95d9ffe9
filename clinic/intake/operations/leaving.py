"""Somebody told a sign of danger and left before the answer by which it is graded (RF-01)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM
from clinic.intake.models import OpenSign, QuestionnaireVersion, Response, ResponseChange
from clinic.intake.operations.safety.raising import evaluate_safety
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.responses import answers_of
from clinic.intake.rules.parties import Author, Source
from clinic.intake.rules.working import state_of

LEFT_AFTER = timedelta(minutes=3)
"""Who has not said more about a sign in this time is taken to have left."""


def leave_form(*, response: str, author: Author, now: datetime) -> str | None:
    """Somebody says that they go on later: a sign that waits for another answer is an event now.

    ``response`` is a public id. The highest level of what that raises, None for nothing.
    """
    wanted = (
        select(OpenSign.response_id)
        .join(Response, Response.id == OpenSign.response_id)
        .where(Response.public_id == response)
    )
    ident = db.session.scalar(wanted)
    return None if ident is None else _raise_left(ident=ident, before=now, now=now, author=author)


def raise_left(*, now: datetime) -> None:
    """Raise what waits for an answer of somebody who has left; once for each."""
    before = now - LEFT_AFTER
    overdue = select(OpenSign.response_id).where(OpenSign.since <= before)
    for ident in list(db.session.scalars(overdue)):
        _raise_left(ident=ident, before=before, now=now)


@transaction
def _raise_left(
    *, ident: int, before: datetime, now: datetime, author: Author | None = None
) -> str | None:
    response = db.session.get_one(Response, ident, with_for_update=True, populate_existing=True)
    sign = db.session.get(OpenSign, ident, with_for_update=True, populate_existing=True)
    if sign is None or sign.since > before:
        return None
    db.session.delete(sign)
    version = db.session.get_one(QuestionnaireVersion, response.questionnaire_version_id)
    form = form_of(version, language=response.language)
    state = state_of(form=form, answers=answers_of(response))
    return evaluate_safety(
        response=response,
        state=state,
        author=author or _last_author(response),
        now=now,
        is_left=True,
    )


def _last_author(response: Response) -> Author:
    """Whoever saved last, in the worker's name."""
    wanted = (
        select(ResponseChange)
        .where(ResponseChange.response_id == response.id)
        .order_by(ResponseChange.number.desc())
        .limit(1)
    )
    last = db.session.scalars(wanted).one()
    return Author(Source(last.source), last.author, SYSTEM)
