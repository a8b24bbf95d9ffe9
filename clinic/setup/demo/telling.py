"""What some of the demo's patients told before their visits: plainly made up, one with a sign that
a clinician must hear of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.values import SYSTEM, Actor
from clinic.intake.library import form
from clinic.intake.models import FormAssignment, Questionnaire, QuestionnaireVersion
from clinic.intake.operations.assigning import AlreadyAsked, Occasion, ask_for_form
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.safety.handling import acknowledge_event
from clinic.intake.operations.saving import Page, save_page
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.rules.parties import Author, Source
from clinic.intake.rules.sections import section_with
from clinic.people.models import Patient

Codes = Mapping[str, Sequence[object]]

NO_SIGNS: Codes = {"rf-ces": ["none"], "rf-motor": ["no"], "rf-vasc": ["none"], "rf-dvt": ["none"]}
SWOLLEN_CALF: Codes = {
    **NO_SIGNS,
    "rf-dvt": ["calf-swell"],
    "rf-pe": ["no"],
    "rf-dvt-risk": ["none"],
}
STORY: Codes = {
    "regions": ["low-back", "buttock-mid", "thigh-back"],
    "worst-region": ["buttock-mid"],
    "side": ["right"],
    "start-region": ["buttock-mid"],
    "spread": ["thigh-back"],
    "quality": ["aching", "sharp", "tingling"],
    "neuro-where": ["thigh-back"],
    "pattern": ["comes-goes"],
    "morning": ["lt30"],
    "night": ["position"],
    "duration": ["6-12w"],
    "onset": ["gradual"],
    "mechanism": ["training", "long-sitting"],
    "course": ["same"],
    "worse": ["sitting", "stairs", "drive"],
    "sit-minutes": [20],
    "sit-longer-worse": [True],
    "better": ["stand-walk"],
    "tried": ["rest-home", "pt"],
    "tried-helped": [False],
    "analgesic-today": [True],
    "sit-hours": [8],
    "sports": ["running"],
    "train-change": [True],
}
DAYS: Codes = {
    "work-status": ["full"],
    "work-title": ["Bookkeeper"],
    "work-tasks": ["sit"],
    "stairs": ["flight"],
    "sleep-hours": [7],
    "exercise-minutes": [150],
    "sport-which": ["Running"],
    "goal-1": ["Sit through a meeting"],
    "goal-2": ["Run five miles"],
    "belief": [
        (
            "A deep ache in the right buttock that turns sharp after twenty minutes in a chair. It"
            " runs down the back of the thigh when I drive."
        )
    ],
    "worry": ["That I will have to give up running."],
}
PAIN = (8, 7, 7, 5, 6, 4)


def let_patients_tell(*, now: datetime, clinician: Actor) -> None:
    """Fill in some of the forms that wait for coming visits."""
    waiting = _waiting(now)
    began = {"onset-date": [f"{now - timedelta(weeks=9):%Y-%m}"]}
    for number, (patient, assignment) in enumerate(waiting):
        author = Author(Source.PATIENT, f"{patient.given_name} {patient.family_name}", SYSTEM)
        at = now - timedelta(hours=3, minutes=7 * number)
        signs = SWOLLEN_CALF if number == 0 else NO_SIGNS
        _tell(assignment, "symptoms", {**signs, **STORY, **began}, author, at)
        _tell_more(patient.public_id, author, at)
        if number == 0:
            _rate(patient.public_id, author, now)
    for one in list_queue()[1:]:
        acknowledge_event(event=one.event, actor=clinician, now=now - timedelta(minutes=20))


def _waiting(now: datetime) -> list[tuple[Patient, str]]:
    """Three patients whose form about symptoms is due next, and its assignment."""
    rows = db.session.execute(
        select(Patient, FormAssignment.public_id)
        .join(FormAssignment, FormAssignment.patient_id == Patient.id)
        .join(Questionnaire, Questionnaire.id == FormAssignment.questionnaire_id)
        .where(
            Questionnaire.slug == "symptoms",
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
            FormAssignment.due_at > now,
            Patient.birth_date < date(now.year - 19, 1, 1),
        )
        .order_by(FormAssignment.due_at, FormAssignment.id)
        .limit(3)
    )
    return [(patient, assignment) for patient, assignment in rows]


def _tell_more(patient: str, author: Author, at: datetime) -> None:
    for slug, given in (("activity-goals", DAYS),):
        assignment = _open(patient, slug, at)
        if assignment is not None:
            _tell(assignment, slug, given, author, at)


def _rate(patient: str, author: Author, now: datetime) -> None:
    """How bad it was, week by week."""
    for week, pain in enumerate(PAIN):
        at = now - timedelta(weeks=len(PAIN) - week - 1, hours=2)
        _hand_in(patient, "nprs", {f"nprs-{name}": [pain] for name in _TIMES}, author, at)


_TIMES = ("now", "best", "worst", "week")


def _hand_in(patient: str, slug: str, given: Codes, author: Author, at: datetime) -> None:
    assignment = _open(patient, slug, at)
    if assignment is not None:
        response, version = _tell(assignment, slug, given, author, at)
        complete_response(response=response, version=version, author=author, now=at)


def _open(patient: str, slug: str, at: datetime) -> str | None:
    """The open assignment of that form, asked for now where there is none."""
    occasion = Occasion(None, None, at.date())
    try:
        return ask_for_form(patient=patient, slug=slug, occasion=occasion, actor=SYSTEM, now=at)
    except AlreadyAsked:
        return db.session.scalar(
            select(FormAssignment.public_id)
            .join(Patient, Patient.id == FormAssignment.patient_id)
            .join(Questionnaire, Questionnaire.id == FormAssignment.questionnaire_id)
            .where(
                Patient.public_id == patient,
                Questionnaire.slug == slug,
                FormAssignment.done_at.is_(None),
                FormAssignment.withdrawn_at.is_(None),
            )
        )
    except NotFound:
        return None


def _tell(
    assignment: str, slug: str, given: Codes, author: Author, at: datetime
) -> tuple[str, int]:
    """Save the answers page by page; the response and its version."""
    shown = db.session.scalars(
        select(QuestionnaireVersion.public_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.slug == slug, QuestionnaireVersion.status == "active")
    ).one()
    pages: dict[int, dict[str, list[Any]]] = {}
    for link_id, values in given.items():
        section = section_with(form=form(name=slug), link_id=link_id)
        if section is not None:
            answers = [_answer(slug, link_id, value) for value in values]
            pages.setdefault(section.number, {})[link_id] = answers
    response, version = "", 0
    for number, given_there in sorted(pages.items()):
        page = Page(assignment, shown, number, version, given_there)
        saved = save_page(page=page, author=author, now=at)
        response, version = saved.response, saved.version
    return response, version


def _answer(slug: str, link_id: str, value: object) -> dict[str, Any]:
    item = form(name=slug).by_link[link_id]
    for option in item.options:
        raw = option.value.raw
        if isinstance(raw, Mapping) and raw.get("code") == value:
            return {"valueCoding": dict(raw)}
    kinds = {
        "boolean": "Boolean",
        "integer": "Integer",
        "decimal": "Decimal",
        "date": "Date",
    }
    return {f"value{kinds.get(item.type, 'String')}": value}
