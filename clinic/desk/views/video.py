"""A visit by video at the desk: its meeting address, its guests, and a clinician who is late."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.desk.forms.video import LateForm, MeetingForm
from clinic.desk.views.blueprint import blueprint
from clinic.desk.views.visit_page import visit_page
from clinic.desk.views.visit_room import RoomForms
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.week_address import read_public_id
from clinic.telehealth.operations.guests import invite_guests, send_guests_away
from clinic.telehealth.operations.rooms import set_meeting, tell_late
from clinic.web.access import allow, current_actor

HOSTS = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)
"""Who lets patients in."""


@blueprint.post("/desk/visits/<visit>/meeting")
@allow(*HOSTS)
def meeting(visit: str) -> ResponseReturnValue:
    """Say where this visit takes place; nothing typed: where the clinic's template says."""
    found, form = get_visit(read_public_id(visit)), MeetingForm()
    if not form.validate():
        return visit_page(found, {}, sent=RoomForms(meeting=form), status=422)
    set_meeting(visit=found.public_id, address=form.address.data, actor=current_actor(), now=now())
    return redirect(f"/desk/visits/{found.public_id}?told=meeting#video", 303)


@blueprint.post("/desk/visits/<visit>/late")
@allow(*HOSTS)
def late(visit: str) -> ResponseReturnValue:
    """Tell a waiting patient when the clinician comes."""
    found, form = get_visit(read_public_id(visit)), LateForm()
    if not form.validate():
        return visit_page(found, {}, sent=RoomForms(late=form), status=422)
    try:
        tell_late(visit=found.public_id, minutes=form.delay.data, actor=current_actor(), now=now())
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.form_errors.append(refusal.message)
        return visit_page(
            get_visit(found.public_id), {}, sent=RoomForms(late=form), status=refusal.status
        )
    return redirect(f"/desk/visits/{found.public_id}?told=late#video", 303)


@blueprint.post("/desk/visits/<visit>/guests")
@allow(*HOSTS)
def guests(visit: str) -> ResponseReturnValue:
    """Make the link for an interpreter or a relative who joins the patient, or end it."""
    found = get_visit(read_public_id(visit))
    act = send_guests_away if request.form.get("do") == "end" else invite_guests
    act(visit=found.public_id, actor=current_actor(), now=now())
    return redirect(f"/desk/visits/{found.public_id}#guests", 303)
