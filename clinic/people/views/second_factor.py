"""Setting up the second factor, its recovery codes, and doing without it where that may be."""

from flask import current_app, make_response, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.people import queries
from clinic.people.forms import AppCodeForm
from clinic.people.operations import (
    Enrolled,
    begin_second_factor,
    confirm_second_factor,
    renew_recovery_codes,
    switch_off_second_factor,
)
from clinic.people.presenters import qr_code, spaced
from clinic.people.rules.codes import enrolment_uri
from clinic.people.views.attempts import counted, proof_counts
from clinic.people.views.blueprint import blueprint
from clinic.people.views.browser_session import clinic_name, this_browser
from clinic.web.access import allow_staff, current_actor
from clinic.web.addresses import SECOND_FACTOR
from clinic.web.cookies import give_session
from config import Config


@blueprint.get(SECOND_FACTOR)
@allow_staff(proved_lately=True, unfinished=True)
def show_second_factor() -> ResponseReturnValue:
    """What there is, and the QR code of an app that is being set up."""
    return _page(AppCodeForm(), 200)


@blueprint.post(f"{SECOND_FACTOR}/begin")
@allow_staff(proved_lately=True, unfinished=True)
def do_begin_second_factor() -> ResponseReturnValue:
    """Make a secret and show it."""
    begin_second_factor(actor=current_actor(), now=now())
    return redirect(SECOND_FACTOR, 303)


@blueprint.post(SECOND_FACTOR)
@allow_staff(proved_lately=True, unfinished=True)
def do_second_factor() -> ResponseReturnValue:
    """Take the app into use with its first code; show the recovery codes, this once."""
    form = AppCodeForm()
    if not form.validate():
        return _page(form, 422)
    try:
        enrolled = _counted_confirm(form.code.data)
    except Invalid as refusal:
        form.code.errors = [_(text) for text in refusal.errors["code"]]
        return _page(form, refusal.status)
    session.clear()
    answer = make_response(_codes_page(enrolled.recovery_codes))
    give_session(answer, enrolled.token)
    return answer


@blueprint.post(f"{SECOND_FACTOR}/codes")
@allow_staff(proved_lately=True)
def do_recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once."""
    return _codes_page(renew_recovery_codes(actor=current_actor(), now=now()))


@blueprint.post(f"{SECOND_FACTOR}/off")
@allow_staff(proved_lately=True)
def do_switch_off() -> ResponseReturnValue:
    """Sign in with the password alone, where nobody demands more."""
    switch_off_second_factor(is_demanded=_is_demanded(), actor=current_actor(), now=now())
    return redirect("/account?done=factor-off", 303)


def _counted_confirm(code: str) -> Enrolled:
    actor, at = current_actor(), now()
    with counted(proof_counts(actor.session or ""), now=at):
        return confirm_second_factor(code=code, browser=this_browser(), actor=actor, now=at)


def _page(form: AppCodeForm, status: int) -> ResponseReturnValue:
    account = queries.get_account(public_id=current_actor().id or "")
    begun = queries.find_begun_factor(staff_id=account.id)
    secret = begun.secret or "" if begun else ""
    page = render_template(
        "people/second_factor.html",
        form=form,
        has_factor=queries.find_factor(staff_id=account.id) is not None,
        is_demanded=_is_demanded(),
        secret=spaced(secret),
        drawing=_drawing(secret, account.email) if secret else "",
    )
    return page, status


def _drawing(secret: str, email: str) -> str:
    uri = enrolment_uri(secret=secret, email=email, clinic_name=clinic_name())
    return qr_code(uri)


def _codes_page(codes: tuple[str, ...]) -> str:
    return render_template("people/recovery_codes.html", codes=codes)


def _is_demanded() -> bool:
    config: Config = current_app.config["CLINIC"]
    return config.second_factor_demanded
