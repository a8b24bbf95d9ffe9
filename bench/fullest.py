"""A patient who answered every question of every form of ours, five times over, with uploads and
signatures: the most that a clinician may have before them."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image

from clinic.core.values import SYSTEM
from clinic.documents.operations import NewDocument, store_document
from clinic.documents.rules import Kind
from clinic.intake.library import QUESTIONNAIRES, definition
from clinic.intake.library import form as library_form
from clinic.intake.operations.assigning import Occasion, ask_for_form
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.questionnaires import import_questionnaire
from clinic.intake.operations.saving import Page, save_page
from clinic.intake.operations.signing import SignatureGiven, needs_signature
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.parties import Author, Source
from clinic.intake.rules.sections import sections_of
from clinic.intake.rules.typed import units_of
from clinic.intake.rules.working import Answers, is_unit, state_of, units

WORDS = (
    "It began after a long drive in spring, and it has not left since: a dull ache that turns sharp"
    " after twenty minutes in a chair, and then runs down the back of the thigh."
)
KINDS = {"integer": "Integer", "decimal": "Decimal"}
PATTERNED = {"zip": "10001", "email": "robin@example.com"}
TIMES = 5
UPLOADS = 10


@dataclass(frozen=True, slots=True)
class Fullest:
    """The patient, the newest response to each form by its slug, and how many answers they have."""

    patient: str
    responses: Mapping[str, str]
    answers: int


def fill_everything(*, patient: str, name: str, now: datetime) -> Fullest:
    """Let a patient (public id) hand in all forms once a month, the last time just now."""
    author = Author(Source.PATIENT, name, SYSTEM)
    shown = {
        slug: import_questionnaire(
            raw=definition(name=slug), actor=SYSTEM, now=now, is_activated=True
        ).public_id
        for slug in QUESTIONNAIRES
    }
    files = [_upload(patient, number, now) for number in range(UPLOADS)]
    answers = {slug: every_answer(form=library_form(name=slug), files=files) for slug in shown}
    responses: dict[str, str] = {}
    for time in range(TIMES + 1):
        at = now - timedelta(days=30 * (TIMES - time))
        for slug, version in shown.items():
            responses[slug] = _hand_in(patient, slug, version, answers[slug], author, at)
    count = sum(len(given) for told in answers.values() for given in told.values())
    return Fullest(patient, responses, count)


def every_answer(*, form: Form, files: list[dict[str, Any]]) -> Answers:
    """Answers to whatever can be asked: each option is tried that may bring up more questions."""
    answers: Answers = {}
    while True:
        state = state_of(form=form, answers=answers)
        asked = [
            item
            for item in units(item=form.root)
            if item.link_id not in answers
            and any(place.is_enabled for place in state.places_of(item))
            and not item.read_only
        ]
        if not asked:
            return answers
        for item in asked:
            given = _most(form, answers, item, files)
            if given:
                answers[item.link_id] = given
        if not any(item.link_id in answers for item in asked):
            return answers


def _most(form: Form, answers: Answers, item: Item, files: list[dict[str, Any]]) -> list[Any]:
    """Of all that may be answered, what lets most other questions be asked."""
    wishes = list(_wishes(item, files))

    def reach(wish: list[Any]) -> int:
        state = state_of(form=form, answers={**answers, item.link_id: wish})
        return sum(place.is_enabled for place in state.places)

    return max(wishes, key=reach) if len(wishes) > 1 else (wishes[0] if wishes else [])


def _wishes(item: Item, files: list[dict[str, Any]]) -> Iterator[list[Any]]:
    if not item.is_question:
        own = {
            child.link_id: next(_wishes(child, files), [])
            for child in units(item=item)
            if is_unit(child)
        }
        yield [own, own]
    elif item.options:
        options = [one for one in item.options if not one.exclusive]
        given = [{f"value{one.value.kind}": one.value.raw} for one in options]
        if item.repeats:
            most = item.limits.max_occurs or len(given)
            yield given[:most]
        else:
            yield from ([one] for one in given)
    elif item.type == "boolean":
        yield from ([{"valueBoolean": said}] for said in (True, False))
    else:
        yield [_plain(item, files)]


def _plain(item: Item, files: list[dict[str, Any]]) -> dict[str, Any]:
    if item.type == "attachment":
        return {"valueAttachment": files[item.order % len(files)]}
    if item.type in {"integer", "decimal"}:
        least = item.limits.min_value
        return {f"value{KINDS[item.type]}": least.raw if least is not None else 3}
    if item.type == "date":
        return {"valueDate": date(2025, 3, 14).isoformat()}
    if item.type == "quantity":
        unit = units_of(item)[0]
        named = {"unit": unit["display"], "system": unit["system"], "code": unit["code"]}
        return {"valueQuantity": {"value": 66, **named}}
    return {"valueString": PATTERNED.get(item.link_id, WORDS[: item.max_length or len(WORDS)])}


def _hand_in(
    patient: str, slug: str, shown: str, answers: Answers, author: Author, at: datetime
) -> str:
    form = library_form(name=slug)
    occasion = Occasion(None, None, at.date())
    asked = ask_for_form(patient=patient, slug=slug, occasion=occasion, actor=SYSTEM, now=at)
    version, response = 0, ""
    for section in sections_of(form=form):
        here = {one.link_id: answers.get(one.link_id, []) for one in section.units}
        page = Page(asked, shown, section.number, version, here)
        saved = save_page(page=page, author=author, now=at)
        version, response = saved.version, saved.response
    signature = SignatureGiven(author.name, "I sign this form.", "en")
    complete_response(
        response=response,
        version=version,
        author=author,
        now=at,
        signature=signature if needs_signature(form=form) else None,
    )
    return response


def _upload(patient: str, number: int, now: datetime) -> dict[str, Any]:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), (number * 20, 90, 90)).save(drawn, "JPEG")
    kept = store_document(
        new=NewDocument(
            patient=patient,
            kind=Kind.IMAGING_REPORT,
            about=f"patient:{patient}",
            name=f"report-{number}.jpg",
            content=drawn.getvalue(),
        ),
        actor=SYSTEM,
        now=now,
    )
    url = f"/desk/documents/{kept}"
    return {"contentType": "image/jpeg", "url": url, "title": f"report-{number}.jpg", "size": 900}
