"""Reading what patients told: the one-page summary, every answer, the PDF and the FHIR file."""

from collections.abc import Iterable

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.core.values import Role
from clinic.documents.queries import list_patient_documents
from clinic.intake.presenters.answers_page import (
    AnswersView,
    IntakeView,
    answers_pdf_data,
    fhir_document,
    intake_pdf_data,
    present_answers,
    present_intake,
)
from clinic.intake.presenters.summary import STORY, present_summary
from clinic.intake.queries.patterns import list_for_state
from clinic.intake.queries.reading import Reading, Told, get_newest, get_reading, get_versions
from clinic.intake.queries.safety.stories import list_patient_events
from clinic.intake.queries.signatures import ShownSignature, find_signatures
from clinic.intake.views.blueprint import blueprint
from clinic.messaging.delivery import clinic_head, clinic_zone
from clinic.web.access import allow, current_actor
from clinic.web.pdf import pdf_answer, render_pdf

READERS = (Role.CLINICIAN,)
SUMMARY = "/desk/patients/<patient>/summary"
INTAKE = "/desk/patients/<patient>/intake"
ANSWERS = "/desk/answers/<response>"


@blueprint.get(SUMMARY)
@allow(*READERS)
def summary(patient: str) -> ResponseReturnValue:
    """Danger first, then the words, where it hurts, scores, what changed, what is open."""
    reading, at = get_reading(patient=patient), now()
    record_look(
        action="answers.summary-read",
        actor=current_actor(),
        now=at,
        subject=f"patient:{reading.patient.public_id}",
    )
    newest = reading.newest(STORY)
    view = present_summary(
        reading=reading,
        events=list_patient_events(patient=patient),
        patterns=list_for_state(
            state=newest.state, birth_date=reading.patient.birth_date, day=at.date()
        )
        if newest is not None
        else (),
        papers=list_patient_documents(patient=patient),
        zone=clinic_zone(),
        now=at,
    )
    return render_template("intake/summary.html", page=view, printed_at=at, zone=clinic_zone())


@blueprint.get(INTAKE)
@allow(*READERS)
def whole_intake(patient: str) -> ResponseReturnValue:
    """Every answer of the newest version of every form, on one page to read and to print."""
    view, at = _whole(patient, "answers.intake-read"), now()
    return render_template("intake/whole.html", page=view, printed_at=at, zone=clinic_zone())


@blueprint.get(f"{INTAKE}/pdf")
@allow(*READERS)
def whole_intake_pdf(patient: str) -> ResponseReturnValue:
    """The same as one tagged PDF; NotFound where nothing was told."""
    view, at = _whole(patient, "answers.intake-pdf-made"), now()
    if not view.forms:
        raise NotFound
    data = intake_pdf_data(
        view=view,
        drawings=_drawings(view.forms),
        letterhead=clinic_head(),
        printed_by=current_actor().name,
        now=at,
    )
    return pdf_answer(render_pdf("answers", data=data, made_at=at), name="intake.pdf")


@blueprint.get(ANSWERS)
@allow(*READERS)
def all_answers(response: str) -> ResponseReturnValue:
    """Every answer of one version of a response; the newest unless another is asked for."""
    view = _opened(response, "answers.read")[2]
    return render_template("intake/answers.html", page=view)


@blueprint.get(f"{ANSWERS}/pdf")
@allow(*READERS)
def answers_pdf(response: str) -> ResponseReturnValue:
    """The same as a tagged PDF."""
    view = _opened(response, "answers.pdf-made")[2]
    at = now()
    data = answers_pdf_data(
        view=view,
        drawings=_drawings([view]),
        letterhead=clinic_head(),
        printed_by=current_actor().name,
        now=at,
    )
    return pdf_answer(render_pdf("answers", data=data, made_at=at), name="answers.pdf")


@blueprint.get(f"{ANSWERS}/fhir")
@allow(*READERS)
def answers_fhir(response: str) -> ResponseReturnValue:
    """The same as a FHIR R4 QuestionnaireResponse."""
    reading, shown, _ = _opened(response, "answers.exported")
    answer = jsonify(fhir_document(shown=shown, patient=reading.patient))
    answer.mimetype = "application/fhir+json"
    answer.headers["Content-Disposition"] = 'attachment; filename="questionnaire-response.json"'
    return answer


def _whole(patient: str, action: str) -> IntakeView:
    reading = get_newest(patient=patient)
    told = reading.told
    record_look(
        action=action,
        actor=current_actor(),
        now=now(),
        subject=f"patient:{reading.patient.public_id}",
        details={"forms": [one.response for one in told]},
    )
    signed = [one.version_id for one in told if one.is_signed]
    return present_intake(
        patient=reading.patient,
        told=told,
        signatures=find_signatures(response_version_ids=signed) if signed else {},
        zone=clinic_zone(),
    )


def _drawings(views: Iterable[AnswersView]) -> dict[str, list[str]]:
    """The bodies that were marked, as pictures for paper."""
    return {
        one.path: [render_template("pdf/body.svg", figure=figure) for figure in one.body.figures]
        for one in views
        if one.body is not None
    }


def _opened(response: str, action: str) -> tuple[Reading, Told, AnswersView]:
    reading = get_versions(response=response)
    wanted = request.args.get("version", "")
    newest = reading.told[-1]
    shown = next((one for one in reading.told if str(one.number) == wanted), newest)
    record_look(
        action=action,
        actor=current_actor(),
        now=now(),
        subject=f"patient:{reading.patient.public_id}",
        details={"form": response, "version": shown.number},
    )
    view = present_answers(
        patient=reading.patient,
        versions=reading.told,
        shown=shown,
        signature=_signature_of(shown),
        zone=clinic_zone(),
    )
    return reading, shown, view


def _signature_of(shown: Told) -> ShownSignature | None:
    if not shown.is_signed:
        return None
    return find_signatures(response_version_ids=[shown.version_id]).get(shown.version_id)
