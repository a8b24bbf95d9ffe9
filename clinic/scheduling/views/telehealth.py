"""Asking for a video visit at /request/telehealth: safety first, then the form, read over, sent."""

import secrets
from dataclasses import replace

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.intake.queries.screening import find_screening
from clinic.scheduling.forms.telehealth import TelehealthForm
from clinic.scheduling.operations import requests as operations
from clinic.scheduling.operations.refusals import CallClinic
from clinic.scheduling.presenters.requests import present_check
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.views.pages import blueprint
from clinic.scheduling.views.requests import actor_of, path_of
from clinic.web.access import public, signed_in_household
from clinic.web.limits import limit_booking
from clinic.web.packing import packed
from clinic.web.visitors import named_visitor, visitor_of_browser

HERE = "/request/telehealth"
DEVICES = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"
"""On this page the browser may try what a video visit needs."""


@blueprint.get(HERE)
@public
@packed
def request_telehealth() -> ResponseReturnValue:
    """The form, once the questions about safety are answered."""
    at = now()
    elsewhere = _elsewhere()
    if elsewhere is not None:
        return elsewhere
    household = signed_in_household()
    form = TelehealthForm(setting=get_setting(), now=at, household=household, formdata=None)
    form.fill_in()
    form.key.data = secrets.token_urlsafe(16)
    return _form_page(form)


@blueprint.post(HERE)
@public
def send_telehealth() -> ResponseReturnValue:
    """Check what was typed, show it to be read over, and send it; twice is once."""
    at, setting, elsewhere = now(), get_setting(), _elsewhere()
    if elsewhere is not None:
        return elsewhere
    form = TelehealthForm(setting=setting, now=at, household=signed_in_household())
    pressed = request.form.get("do", "")
    asked = form.read_request() if pressed != "change" else None
    if asked is None:
        return _form_page(form, 200 if pressed == "change" else 422)
    wish, patient = asked
    if pressed != "send":
        check = present_check(wish=wish, patient=patient, setting=setting)
        page, kept = "scheduling/request_check.html", form.typed_pairs()
        return render_template(page, check=check, kept=kept, action=HERE)
    limit_booking()
    wish = replace(wish, screened_as=named_visitor())
    actor, key = actor_of(patient), form.key.data or None
    try:
        found = operations.request_visit(
            wish=wish, patient=patient, actor=actor, now=at, form_key=key
        )
    except CallClinic as refusal:
        return _call_page(), refusal.status
    return redirect(path_of(found), 303)


def _elsewhere() -> ResponseReturnValue | None:
    """The page that comes before the form, None where it may be shown."""
    visitor = visitor_of_browser()
    found = find_screening(visitor=visitor, now=now()) if visitor else None
    if found is None:
        return redirect(f"/intake/questions?then={HERE}", 303)
    return None if found.may_book else _call_page()


def _call_page() -> str:
    return render_template("scheduling/request_call.html")


def _form_page(form: TelehealthForm, status: int = 200) -> ResponseReturnValue:
    page = render_template("scheduling/request_telehealth.html", form=form)
    answer = make_response(page, status)
    answer.headers["Permissions-Policy"] = DEVICES
    return answer
