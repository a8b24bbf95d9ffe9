"""The desk sees how forms stand, asks for more, and opens the tablet. Never an answer."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.intake.operations.assigning import Occasion, ask_for_form, take_back_form
from clinic.intake.operations.links import make_kiosk_code
from clinic.intake.operations.mailing import send_form_link
from clinic.intake.presenters.desk import present_desk_forms
from clinic.intake.queries.questionnaires import list_active
from clinic.intake.queries.status import list_form_status
from clinic.intake.views.blueprint import blueprint
from clinic.messaging.delivery import clinic_zone, date_at_clinic
from clinic.people.queries import get_patient
from clinic.web.access import allow, current_actor

DESK = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)
PATH = "/desk/patients/<patient>/forms"


@blueprint.get(PATH)
@allow(*DESK)
def desk_forms(patient: str) -> ResponseReturnValue:
    """How a patient's forms stand, what may be asked for, and the way to the tablet."""
    return _page(patient)


@blueprint.post(f"{PATH}/ask")
@allow(*DESK)
def desk_ask(patient: str) -> ResponseReturnValue:
    """Ask the patient for one more form."""
    at = now()
    occasion = Occasion(None, None, date_at_clinic(at))
    try:
        ask_for_form(
            patient=patient,
            slug=request.form.get("slug", "")[:64],
            occasion=occasion,
            actor=current_actor(),
            now=at,
        )
    except Refusal as refusal:
        return _page(patient, refused=_(refusal.message)), refusal.status
    return redirect(f"/desk/patients/{patient}/forms?done=asked", 303)


@blueprint.post(f"{PATH}/<assignment>/take-back")
@allow(*DESK)
def desk_take_back(patient: str, assignment: str) -> ResponseReturnValue:
    """Ask for a form no more that nobody began."""
    try:
        take_back_form(assignment=assignment, actor=current_actor(), now=now())
    except Refusal as refusal:
        return _page(patient, refused=_(refusal.message)), refusal.status
    return redirect(f"/desk/patients/{patient}/forms?done=taken-back", 303)


@blueprint.post(f"{PATH}/send")
@allow(*DESK)
def desk_send(patient: str) -> ResponseReturnValue:
    """Mail the link to the patient's forms once more."""
    try:
        send_form_link(patient=patient, actor=current_actor(), now=now())
    except Refusal as refusal:
        return _page(patient, refused=_(refusal.message)), refusal.status
    return redirect(f"/desk/patients/{patient}/forms?sent=1", 303)


@blueprint.post(f"{PATH}/code")
@allow(*DESK)
def desk_code(patient: str) -> ResponseReturnValue:
    """Show, once, the code that opens the patient's forms on the clinic's tablet."""
    code = make_kiosk_code(
        patient=patient,
        is_helped=request.form.get("helped") == "y",
        actor=current_actor(),
        now=now(),
    )
    return _page(patient, code=f"{code[:4]} {code[4:]}")


def _page(patient: str, **told: Any) -> str:
    person = get_patient(public_id=patient)
    record_look(
        action="form.status-seen",
        actor=current_actor(),
        now=now(),
        subject=f"patient:{person.public_id}",
    )
    view = present_desk_forms(
        patient=person,
        status=list_form_status(patient=patient),
        known=list_active(),
        zone=clinic_zone(),
        code=told.get("code", ""),
        is_sent=request.args.get("sent") == "1",
        refused=told.get("refused", ""),
    )
    return render_template("intake/desk_forms.html", page=view)
