"""Asking for a visit at /request/visit, and a request's own page at /requests/<token>.

The form is checked, read over, then sent; nothing is kept on the way but in the page itself.
"""

import secrets

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.forms.requests import RequestForm
from clinic.scheduling.operations import requests as operations
from clinic.scheduling.presenters.requests import RequestView, present_check, present_request
from clinic.scheduling.presenters.visits import present_visit
from clinic.scheduling.queries.links import get_request_by_token, request_token, visit_token
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import OPEN
from clinic.scheduling.views.pages import Notice, blueprint, notice_of
from clinic.scheduling.views.visits import LONGEST_ACTOR
from clinic.web.access import public, signed_in_household
from clinic.web.households import Kin
from clinic.web.limits import limit_booking


@blueprint.get("/request/visit")
@public
def request_visit() -> ResponseReturnValue:
    """The form: what it is about, when it suits, who comes."""
    form, own = RequestForm(setting=get_setting(), now=now(), formdata=None), _signed_in()
    if own is not None:
        form.fill_in(own)
    form.key.data = secrets.token_urlsafe(16)
    return _form_page(form)


@blueprint.post("/request/visit")
@public
def send_request() -> ResponseReturnValue:
    """Check what was typed, show it to be read over, and send it; twice is once."""
    at, setting = now(), get_setting()
    own = _signed_in()
    form = RequestForm(setting=setting, now=at, own=own)
    pressed = request.form.get("do", "")
    if pressed == "change":
        return _form_page(form)
    asked = form.read_request()
    if asked is None:
        return _form_page(form, 422)
    wish, patient = asked
    if pressed != "send":
        check = present_check(wish=wish, patient=patient, setting=setting)
        kept = form.typed_pairs()
        return render_template("scheduling/request_check.html", check=check, kept=kept)
    limit_booking()
    sent = operations.request_visit(
        wish=wish,
        patient=patient,
        actor=_actor(patient),
        now=at,
        form_key=form.key.data or None,
    )
    return redirect(_path(sent), 303)


@blueprint.get("/requests/<token>")
@public
def visit_request(token: str) -> ResponseReturnValue:
    """How the request stands, and what the clinic says to it."""
    return _request_page(get_request_by_token(token))


@blueprint.get("/requests/<token>/withdraw")
@public
def ask_withdraw(token: str) -> ResponseReturnValue:
    """Ask whether to take the request back."""
    found = get_request_by_token(token)
    if found.status not in OPEN:
        return redirect(_path(found), 303)
    view = _view(found)
    return render_template("scheduling/ask_withdraw.html", asked=view, path=_path(found))


@blueprint.post("/requests/<token>/withdraw")
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Take the request back; once is enough."""
    found = get_request_by_token(token)
    step = operations.Step(public_id=found.public_id, actor=_patient(found), now=now())
    try:
        operations.withdraw_request(step=step)
    except Refusal as refusal:
        return _request_page(get_request(found.public_id), notice_of(refusal), refusal.status)
    return redirect(_path(found), 303)


def _signed_in() -> Kin | None:
    """The record of whoever is signed in, where it is their own."""
    household = signed_in_household()
    own = household.kin[0] if household else None
    return own if own is not None and own.is_self else None


def _actor(patient: PatientDetails) -> Actor:
    household = signed_in_household()
    return household.actor() if household and patient.record else PUBLIC


def _form_page(form: RequestForm, status: int = 200) -> ResponseReturnValue:
    return render_template("scheduling/request_visit.html", form=form), status


def _request_page(
    found: RequestedVisit, notice: Notice | None = None, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "scheduling/visit_request.html", asked=_view(found), path=_path(found), notice=notice
    ), status


def _view(found: RequestedVisit) -> RequestView:
    if found.visit is None:
        return present_request(found=found, visit=None, visit_path="")
    visit = get_visit(found.visit)
    token = visit_token(visit)
    shown = present_visit(visit=visit, setting=get_setting(), currency=currency(), now=now())
    return present_request(found=found, visit=shown, visit_path=f"/visits/{token}")


def _patient(found: RequestedVisit) -> Actor:
    name = f"{found.given_name} {found.family_name}"[:LONGEST_ACTOR]
    return Actor(kind="patient", name=name, id=found.patient)


def _path(found: RequestedVisit) -> str:
    token = request_token(found)
    return f"/requests/{token}"
