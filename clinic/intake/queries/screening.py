"""The safety questions that come before any time is shown, and who has answered them lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.intake import library
from clinic.intake.models import (
    Questionnaire,
    QuestionnaireVersion,
    ScreenedPatient,
    Screening,
)
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.rules.alarms import CLOSING, SCREENING_LASTS, Level, Worded, worded
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form
from clinic.intake.rules.safety import fired_rules
from clinic.intake.rules.sections import comes_first
from clinic.intake.rules.state import State
from clinic.intake.rules.working import Answers, read_answers, state_of
from clinic.people.queries.merges import is_of_person

SAFETY_FORM = "symptoms"
"""The slug of the form that begins with the questions about safety."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What a visitor answered; ``level`` is the highest of a rule that fired, None without any."""

    public_id: str
    at: datetime
    level: Level | None

    @property
    def may_book(self) -> bool:
        """Whether times may be shown to them."""
        return self.level not in CLOSING


def screening_form() -> Form:
    """The safety page of the form about symptoms that patients get now, as a form of its own.

    Where the clinic's own form does not begin with such questions, ours does.
    """
    version = db.session.scalar(
        select(QuestionnaireVersion)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.slug == SAFETY_FORM, QuestionnaireVersion.status == "active")
    )
    found = _first_page(form_of(version)) if version is not None else None
    ours = found or _first_page(library.form(name=SAFETY_FORM))
    if ours is None:
        raise library.BrokenLibrary("the form about symptoms does not begin with safety questions")
    return ours


def find_screening(*, visitor: str, now: datetime) -> Screened | None:
    """The newest answers of this visitor that are not older than 14 days (RF-07), or None."""
    row = _newest(visitor, now)
    return None if row is None else Screened(row.public_id, row.at, _level(row))


@dataclass(frozen=True, slots=True)
class ScreenedAnswers:
    """What a visitor's answers call for: the level, the rules that fired, and what they asked."""

    level: Level | None
    rules: tuple[str, ...]
    answers: tuple[Worded, ...]


def list_screened(*, visitor: str, now: datetime) -> ScreenedAnswers | None:
    """The newest answers of this visitor with the rules of their level, or None."""
    found = find_screening_row(visitor=visitor, now=now)
    if found is None:
        return None
    row, state = found
    rules = library.safety_rules()
    fired = [
        one for one in fired_rules(rules=rules, state=state, age=None) if one.level == row.level
    ]
    ids = {one.rule_id for one in fired}
    asked = [name for rule in rules.rules if rule.id in ids for name in rule.questions]
    return ScreenedAnswers(_level(row), tuple(ids), worded(state=state, questions=asked))


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """What somebody answered to the safety questions, in words, before they booked or asked."""

    at: datetime
    level: Level | None
    answers: tuple[Worded, ...]


def find_told_before(*, screening: str) -> ToldBefore | None:
    """All answers of a screening (public id), for clinicians; None where there is none."""
    row = db.session.scalar(select(Screening).where(Screening.public_id == screening))
    if row is None:
        return None
    state = state_of(form=_form_of(row.canonical), answers=read_answers(text=row.answers or "{}"))
    asked = [item.link_id for item in state.form.items if item.is_question]
    return ToldBefore(row.at, _level(row), worded(state=state, questions=asked))


def find_screening_row(*, visitor: str, now: datetime) -> tuple[Screening, State] | None:
    """The same with its answers as they were judged, for whoever books."""
    row = _newest(visitor, now)
    if row is None:
        return None
    form = _form_of(row.canonical)
    return row, state_of(form=form, answers=read_answers(text=row.answers or "{}"))


def is_told_of(*, screening_id: int, patient_id: int) -> bool:
    """Whether somebody booked or asked for this patient with these answers (row numbers)."""
    wanted = select(ScreenedPatient.id).where(
        ScreenedPatient.screening_id == screening_id, ScreenedPatient.patient_id == patient_id
    )
    return db.session.scalars(wanted.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """Safety answers that came before a booking for a patient, with the form they answered."""

    at: datetime
    form: Form
    answers: Answers


def find_known_before(*, patient_id: int, now: datetime) -> KnownBefore | None:
    """The newest answers of the last 14 days with which somebody booked for this patient (row
    number), or None. Answers that served for more than one person may be the other one's: None.
    """
    another = aliased(ScreenedPatient)
    others = exists().where(
        another.screening_id == Screening.id,
        ~is_of_person(another.patient_id, patient_id=patient_id),
    )
    wanted = (
        select(Screening)
        .join(ScreenedPatient, ScreenedPatient.screening_id == Screening.id)
        .where(
            is_of_person(ScreenedPatient.patient_id, patient_id=patient_id),
            Screening.at > now - SCREENING_LASTS,
            ~others,
        )
        .order_by(Screening.at.desc(), Screening.id.desc())
        .limit(1)
    )
    row = db.session.scalars(wanted).first()
    if row is None:
        return None
    return KnownBefore(row.at, _form_of(row.canonical), read_answers(text=row.answers or "{}"))


def _newest(visitor: str, now: datetime) -> Screening | None:
    wanted = (
        select(Screening)
        .where(Screening.visitor == visitor, Screening.at > now - SCREENING_LASTS)
        .order_by(Screening.at.desc(), Screening.id.desc())
        .limit(1)
    )
    return db.session.scalar(wanted)


def _level(row: Screening) -> Level | None:
    return Level(row.level) if row.level else None


def _form_of(canonical: str) -> Form:
    """The very version that was answered; ours where it came from the library."""
    url, _bar, number = canonical.rpartition("|")
    version = db.session.scalar(
        select(QuestionnaireVersion)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.url == url, QuestionnaireVersion.version == number)
    )
    found = _first_page(form_of(version)) if version is not None else None
    return found or screening_form()


def _first_page(form: Form) -> Form | None:
    page = comes_first(form=form, asked_by_rules=library.safety_rules().asked)
    if page is None:
        return None
    tops: list[dict[str, Any]] = [item.raw for item in page.items]
    kept = {key: form.raw[key] for key in ("resourceType", "url", "version", "title", "status")}
    found, issues = read_form(raw={**kept, "item": tops})
    return None if found is None or issues.refused else found
