"""What was written to a patient, and how the patient wants to be written to."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.desk.presenters.messages import present_patient_messages
from clinic.desk.views.blueprint import blueprint
from clinic.messaging.operations.resending import resend_message
from clinic.messaging.queries import list_posted
from clinic.messaging.repeats import find_repeatable
from clinic.messaging.rules import seen_state
from clinic.people.operations.contact import choose_contact
from clinic.people.queries import get_patient
from clinic.people.queries.contact import get_contact_ways, has_stopped_texts
from clinic.people.rules.contact import CHANNELS
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.telling import list_over
from clinic.web.access import allow, current_actor

ROLES = (Role.ADMIN, Role.FRONT_DESK)
PATH = "/desk/patients/<patient>/messages"
PAGE = 50


@blueprint.get(PATH)
@allow(*ROLES)
def patient_messages(patient: str) -> ResponseReturnValue:
    """The messages to one patient, the newest first."""
    return _page(patient)


@blueprint.post(f"{PATH}/<channel>")
@allow(*ROLES)
def wish(patient: str, channel: str) -> ResponseReturnValue:
    """Keep what the patient said of one channel."""
    found = get_patient(public_id=patient)
    if channel not in CHANNELS:
        raise NotFound
    try:
        choose_contact(
            patient=found.public_id,
            channel=channel,
            is_wanted=request.form.get("wanted") == "y",
            actor=current_actor(),
            now=now(),
        )
    except Refusal as refusal:
        return _page(patient, _(refusal.message)), refusal.status
    return redirect(f"/desk/patients/{patient}/messages?done=kept", 303)


@blueprint.post(f"{PATH}/<message>/again")
@allow(*ROLES)
def tell_again(patient: str, message: str) -> ResponseReturnValue:
    """Send one of their messages once more, as things stand now."""
    try:
        resend_message(
            public_id=message,
            patient=patient,
            actor=current_actor(),
            now=now(),
            seen=seen_state(request.form),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(patient, _(refusal.message)), refusal.status
    return redirect(f"/desk/patients/{patient}/messages?done=1", 303)


def _page(public_id: str, refused: str = "") -> str:
    patient = get_patient(public_id=public_id)
    messages = list_posted(
        patient=patient.public_id, before=request.args.get("before"), limit=PAGE + 1
    )
    subject = f"patient:{patient.public_id}"
    record_look(action="messages.seen", actor=current_actor(), now=now(), subject=subject)
    page = present_patient_messages(
        patient=patient,
        ways=get_contact_ways(patient_id=patient.id),
        has_stopped=has_stopped_texts(patient=patient.public_id),
        messages=messages,
        repeatable=find_repeatable(messages) - list_over(messages=messages, now=now()),
        page_size=PAGE,
        zone=get_setting().zone,
        refused=refused,
        is_done=request.args.get("done") == "1" and not refused,
    )
    return render_template("desk/patient_messages.html", page=page)
