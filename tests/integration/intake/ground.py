"""A patient, small forms of our own, and what is done with them, in the tests' words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC, SYSTEM
from clinic.intake.models import FormAssignment, QuestionnaireVersion, Response
from clinic.intake.operations.assigning import Occasion, ask_for_form
from clinic.intake.operations.questionnaires import import_questionnaire
from clinic.intake.operations.saving import Page, PageSaved, save_page
from clinic.intake.rules.parties import Author, Source
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
TODAY = date(2026, 3, 2)
BORN = (5, 4, 1985)
URL = "https://forms.example/Questionnaire/small"
SYSTEM_OF_CODES = "https://forms.example/codes"
ANA = Author(Source.PATIENT, "Ana Ruiz", PUBLIC)
TOKEN = "CanaryWordOfAnAnswer"


def coding(code: str) -> dict[str, Any]:
    return {"valueCoding": {"system": SYSTEM_OF_CODES, "code": code, "display": code.title()}}


def question(link_id: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "text": f"What about {link_id}?", **more}


def choice(link_id: str, *codes: str, **more: Any) -> dict[str, Any]:
    options = [coding(code) for code in codes]
    return question(link_id, "choice", answerOption=options, **more)


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "type": "group",
        "text": f"Part {link_id}",
        "item": list(items),
        **more,
    }


def only_if(asked: str, code: str) -> dict[str, Any]:
    answer = coding(code)["valueCoding"]
    return {"enableWhen": [{"question": asked, "operator": "=", "answerCoding": answer}]}


def small_form(*, version: str = "1", items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Two pages: whether it hurts (and then where), and how much."""
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": version,
        "title": "Small form",
        "status": "active",
        "item": items
        or [
            group(
                "first",
                choice("hurts", "yes", "no", required=True),
                question("where", required=True, **only_if("hurts", "yes")),
            ),
            group("second", question("much", "integer"), question("words", "text")),
        ],
    }


@transaction
def add_patient(*, given: str = "Ana", born: date = date(1985, 5, 4)) -> str:
    details = PatientDetails(
        given_name=given,
        family_name="Ruiz",
        birth_date=born,
        email=f"{given.lower()}@example.org",
        phone=None,
    )
    patient = find_or_add_patient(details=details, actor=SYSTEM, now=NOW)
    db.session.flush()
    return patient.public_id


def publish(raw: dict[str, Any]) -> str:
    return import_questionnaire(raw=raw, actor=SYSTEM, now=NOW, is_activated=True).public_id


def ask(patient: str, *, slug: str = "small") -> str:
    return ask_for_form(
        patient=patient, slug=slug, occasion=Occasion(None, None, TODAY), actor=SYSTEM, now=NOW
    )


def save(
    assignment: str,
    answers: Mapping[str, list[Any]],
    *,
    form: str,
    section: int = 1,
    base: int = 0,
    now: datetime = NOW,
    author: Author = ANA,
    is_whole: bool = True,
) -> PageSaved:
    page = Page(assignment, form, section, base, answers, is_whole)
    return save_page(page=page, author=author, now=now)


def stored(model: type[Any] = Response) -> Any:
    db.session.expire_all()
    return db.session.query(model).one()


__all__ = ["FormAssignment", "QuestionnaireVersion"]
