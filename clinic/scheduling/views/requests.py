"""Asking for a visit at /request/visit, and a request's own page at /requests/<token>.

The form is checked, read over, then sent; nothing is kept on the way but in the page itself.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.intake.operations.links import new_form_link
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.forms.request_steps import ReplyForm
from clinic.scheduling.forms.requests import RequestForm
from clinic.scheduling.operations import requests as operations
from clinic.scheduling.operations.requests import offers
from clinic.scheduling.operations.requests.talk import reply_to_request as reply
from clinic.scheduling.presenters.requests import RequestView, present_check, present_request
from clinic.scheduling.presenters.visits import present_visit
from clinic.scheduling.queries.links import request_token, visit_token
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.visit_forms import find_request_forms
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import OPEN
from clinic.scheduling.views.opened import opened_request
from clinic.scheduling.views.pages import Notice, blueprint, notice_of
from clinic.scheduling.views.visits import LONGEST_ACTOR
from clinic.web.access import public, signed_in_household
from clinic.web.limits import limit, limit_booking
from clinic.web.packing import packed

FORM_LINKS = 20
HOUR, LINK_LASTS = timedelta(hours=1), timedelta(days=1)


@blueprint.get("/request/visit")
@public
@packed
def request_visit() -> ResponseReturnValue:
    """The form: what it is about, when it suits, who comes."""
    household = signed_in_household()
    form = RequestForm(setting=get_setting(), now=now(), household=household, formdata=None)
    form.fill_in()
    form.key.data = secrets.token_urlsafe(16)
    return _form_page(form)


@blueprint.post("/request/visit")
@public
def send_request() -> ResponseReturnValue:
    """Check what was typed, show it to be read over, and send it; twice is once."""
    at, setting = now(), get_setting()
    form = RequestForm(setting=setting, now=at, household=signed_in_household())
    pressed = request.form.get("do", "")
    if pressed == "change":
        return _form_page(form)
    asked = form.read_request()
    if asked is None:
        return _form_page(form, 422)
    wish, patient = asked
    if pressed != "send":
        check = present_check(wish=wish, patient=patient, setting=setting)
        page, kept = "scheduling/request_check.html", form.typed_pairs()
        return render_template(page, check=check, kept=kept, action="/request/visit")
    limit_booking()
    sent = operations.request_visit(
        wish=wish,
        patient=patient,
        actor=actor_of(patient),
        now=at,
        form_key=form.key.data or None,
    )
    return redirect(path_of(sent), 303)


@blueprint.get("/requests/<token>")
@public
def visit_request(token: str) -> ResponseReturnValue:
    """How the request stands, and what the clinic says to it."""
    found = opened_request(token)
    if found.merged_into is not None:
        return redirect(path_of(get_request(found.merged_into)), 303)
    return _request_page(found)


@blueprint.post("/requests/<token>/choose")
@public
def choose_offer(token: str) -> ResponseReturnValue:
    """Book one of the times that were offered."""
    found = opened_request(token)
    offer = request.form.get("offer", "")
    return _take(found, lambda step: offers.choose_offer(step=step, offer=offer))


@blueprint.post("/requests/<token>/reply")
@public
def reply_to_request(token: str) -> ResponseReturnValue:
    """Write back to the clinic."""
    found, form = opened_request(token), ReplyForm()
    if not form.validate():
        return _request_page(found, status=422, form=form)
    limit_booking()
    words = form.message.data
    return _take(found, lambda step: reply(step=step, message=words), form=form)


@blueprint.post("/requests/<token>/forms")
@public
def open_request_forms(token: str) -> ResponseReturnValue:
    """Lead to the consents; whoever comes proves the patient's birth date there."""
    found, at = opened_request(token), now()
    if found.status not in OPEN or find_request_forms(found) is None:
        return redirect(path_of(found), 303)
    limit(name="visit-forms", who=found.public_id, at_most=FORM_LINKS, now=at, window=HOUR)
    link = new_form_link(
        patient=found.patient, actor=_patient(found), now=at, expires_at=at + LINK_LASTS
    )
    return redirect(f"/intake/{link}", 303)


@blueprint.get("/requests/<token>/withdraw")
@public
def ask_withdraw(token: str) -> ResponseReturnValue:
    """Ask whether to take the request back."""
    found = opened_request(token)
    if found.status not in OPEN:
        return redirect(path_of(found), 303)
    view = _view(found)
    return render_template("scheduling/ask_withdraw.html", asked=view, path=path_of(found))


@blueprint.post("/requests/<token>/withdraw")
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Take the request back; once is enough."""
    found = opened_request(token)
    return _take(found, lambda step: operations.withdraw_request(step=step))


def _take(
    found: RequestedVisit,
    do: Callable[[operations.Step], RequestedVisit],
    *,
    form: ReplyForm | None = None,
) -> ResponseReturnValue:
    """Take the patient's step, or say why not and show how the request stands."""
    step = operations.Step(public_id=found.public_id, actor=_patient(found), now=now())
    try:
        do(step)
    except Refusal as refusal:
        stands = get_request(found.public_id)
        return _request_page(stands, notice_of(refusal), refusal.status, form=form)
    return redirect(path_of(found), 303)


def actor_of(patient: PatientDetails) -> Actor:
    """Who asks: whoever is signed in, for themselves or somebody of theirs; else the public."""
    household = signed_in_household()
    if household is None:
        return PUBLIC
    return household.actor(household.find(patient.record) if patient.record else None)


def _form_page(form: RequestForm, status: int = 200) -> ResponseReturnValue:
    return render_template("scheduling/request_visit.html", form=form), status


def _request_page(
    found: RequestedVisit,
    notice: Notice | None = None,
    status: int = 200,
    *,
    form: ReplyForm | None = None,
) -> ResponseReturnValue:
    is_open = found.status in OPEN
    return render_template(
        "scheduling/visit_request.html",
        asked=_view(found),
        path=path_of(found),
        notice=notice,
        forms=find_request_forms(found) if is_open else None,
        form=form or ReplyForm(formdata=None),
    ), status


def _view(found: RequestedVisit) -> RequestView:
    at, zone = now(), get_setting().zone
    if found.visit is None:
        return present_request(found=found, visit=None, visit_path="", zone=zone, now=at)
    visit = get_visit(found.visit)
    token = visit_token(visit)
    shown = present_visit(visit=visit, setting=get_setting(), currency=currency(), now=at)
    path = f"/visits/{token}"
    return present_request(found=found, visit=shown, visit_path=path, zone=zone, now=at)


def _patient(found: RequestedVisit) -> Actor:
    name = f"{found.given_name} {found.family_name}"[:LONGEST_ACTOR]
    return Actor(kind="patient", name=name, id=found.patient)


def path_of(found: RequestedVisit) -> str:
    """The address of a request's own page."""
    token = request_token(found)
    return f"/requests/{token}"
