"""Every answer of a response, as a page, a PDF and a file for other programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from clinic.intake.presenters.answers import said_words
from clinic.intake.presenters.body_chart import BodyChart, present_body_chart
from clinic.intake.queries.reading import Told
from clinic.intake.queries.signatures import ShownSignature
from clinic.intake.rules.story import (
    Answered,
    Change,
    answered,
    changes,
    codes_at,
    unanswered,
    words_at,
)
from clinic.messaging.rules import Letterhead
from clinic.people.models import Patient
from clinic.web.filters import full_date, local_date, local_full_date, local_time, phone

ANSWERS = "/desk/answers"


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its questions and answers."""

    title: str
    rows: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersView:
    """One version of a response; ``others`` lead to its other versions."""

    title: str
    name: str
    patient: str
    path: str
    number: int
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    unanswered: tuple[str, ...]
    changes: tuple[Change, ...]
    others: tuple[tuple[str, str], ...]
    body: BodyChart | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class IntakeView:
    """The newest answers to every form, one after the other."""

    name: str
    patient: str
    path: str
    born: str
    forms: tuple[AnswersView, ...]

    @property
    def title(self) -> str:
        """What stands above them."""
        return str(_("Whole intake of %(name)s", name=self.name))


def present_intake(
    *,
    patient: Patient,
    told: Sequence[Told],
    signatures: Mapping[int, ShownSignature],
    zone: str,
) -> IntakeView:
    """Each form by its newest version, with every answer."""
    return IntakeView(
        name=f"{patient.given_name} {patient.family_name}",
        patient=patient.public_id,
        path=f"/desk/patients/{patient.public_id}/intake",
        born=full_date(patient.birth_date),
        forms=tuple(
            present_answers(
                patient=patient,
                versions=[one],
                shown=one,
                signature=signatures.get(one.version_id),
                zone=zone,
            )
            for one in told
        ),
    )


def present_answers(
    *,
    patient: Patient,
    versions: Sequence[Told],
    shown: Told,
    signature: ShownSignature | None,
    zone: str,
) -> AnswersView:
    """A version with all its answers, and what it changed."""
    state = shown.state
    earlier = [one for one in versions if one.number < shown.number]
    path = f"{ANSWERS}/{shown.response}"
    return AnswersView(
        title=shown.title,
        name=f"{patient.given_name} {patient.family_name}",
        patient=patient.public_id,
        path=path,
        number=shown.number,
        facts=_facts(patient, shown, signature, zone),
        parts=tuple(
            Part(title, tuple(rows))
            for title, rows in groupby(
                answered(state, words=said_words), key=lambda one: one.section
            )
        ),
        unanswered=unanswered(state),
        changes=changes(before=earlier[-1].state, after=state, words=said_words) if earlier else (),
        others=tuple(
            (_version_words(one, zone), f"{path}?version={one.number}")
            for one in versions
            if one.number != shown.number
        ),
        body=present_body_chart(state=state) if codes_at(state, "regions") else None,
        where=", ".join(words_at(state, "regions")),
    )


Drawings = Mapping[str, Sequence[str]]
"""A response's path -> its drawings of the body as SVG, in the order of the chart's figures."""


def answers_pdf_data(
    *,
    view: AnswersView,
    drawings: Drawings,
    letterhead: Letterhead,
    printed_by: str,
    now: datetime,
) -> dict[str, Any]:
    """The same for the PDF's template, in words that are ready to print."""
    return {
        "title": view.title,
        "facts": [[str(_("Patient")), view.name]],
        "forms": [_form_data(view, drawings)],
        **_around(letterhead, printed_by, now),
    }


def intake_pdf_data(
    *,
    view: IntakeView,
    drawings: Drawings,
    letterhead: Letterhead,
    printed_by: str,
    now: datetime,
) -> dict[str, Any]:
    """All forms of a patient for the same template, each under a heading of its own."""
    return {
        "title": view.title,
        "facts": [[str(_("Patient")), view.name]],
        "forms": [{**_form_data(one, drawings), "title": one.title} for one in view.forms],
        **_around(letterhead, printed_by, now),
    }


def _form_data(view: AnswersView, drawings: Drawings) -> dict[str, Any]:
    labels = [figure.label for figure in view.body.figures] if view.body is not None else []
    rows: list[dict[str, Any]] = [
        {
            "title": part.title,
            "rows": [[one.question, "; ".join(one.answers)] for one in part.rows],
        }
        for part in view.parts
    ]
    return {
        "title": "",
        "facts": [list(pair) for pair in view.facts],
        "figures": [
            [svg, label, str(_("%(figure)s. Marked: %(where)s", figure=label, where=view.where))]
            for svg, label in zip(drawings.get(view.path, ()), labels, strict=False)
        ],
        "parts": rows,
        "unanswered": list(view.unanswered),
    }


def _around(letterhead: Letterhead, printed_by: str, now: datetime) -> dict[str, Any]:
    at = f"{local_full_date(now, zone=letterhead.zone)}, {local_time(now, zone=letterhead.zone)}"
    return {
        "language": "en",
        "clinic": {
            "name": letterhead.name,
            "phone": phone(letterhead.phone) if letterhead.phone else "",
            "address": [],
        },
        "words": {
            "page": str(_("Page")),
            "unanswered": str(_("Asked and not answered")),
            "question": str(_("Question")),
            "answer": str(_("Answer")),
        },
        "note": str(_("Printed by %(name)s, %(at)s.", name=printed_by, at=at)),
    }


def fhir_document(*, shown: Told, patient: Patient) -> Mapping[str, Any]:
    """The QuestionnaireResponse (FHIR R4) of a version, naming its patient."""
    kept = {key: value for key, value in shown.body.items() if key != "item"}
    author = {"display": shown.author} if shown.author else None
    made = {
        **kept,
        "id": shown.response,
        "identifier": {
            "system": "urn:clinic:response",
            "value": f"{shown.response}|{shown.number}",
        },
        "status": shown.status,
        "subject": {
            "reference": f"Patient/{patient.public_id}",
            "display": f"{patient.given_name} {patient.family_name}",
        },
        "authored": shown.at.isoformat().replace("+00:00", "Z"),
        **({"author": author} if author else {}),
    }
    if shown.body.get("item"):
        made["item"] = shown.body["item"]
    return made


def _facts(
    patient: Patient, shown: Told, signature: ShownSignature | None, zone: str
) -> tuple[tuple[str, str], ...]:
    at = f"{local_full_date(shown.at, zone=zone)}, {local_time(shown.at, zone=zone)}"
    who = {"guardian": _("guardian"), "staff": _("staff, with the patient")}.get(shown.source, "")
    rows = [
        (_("Born"), full_date(patient.birth_date)),
        (_("Form"), _("%(title)s, version %(version)s", title=shown.title, version=shown.version)),
        (_("Sent") if shown.number else _("Saved, not sent"), at),
        (_("Filled in by"), f"{shown.author}, {who}" if who else shown.author),
    ]
    if shown.reason:
        rows.append((_("Why it was changed"), shown.reason))
    if signature is not None:
        signed = f"{local_full_date(signature.signed_at, zone=zone)}"
        rows.append((_("Signed"), f"{signature.signer}, {signed}. {signature.intent}"))
        rows.append((_("Digest of what was signed"), signature.shown_sha256))
    return tuple((str(name), str(value)) for name, value in rows if value)


def _version_words(one: Told, zone: str) -> str:
    at = local_date(one.at, zone=zone)
    return str(_("Version %(number)d of %(day)s", number=one.number, day=at))
