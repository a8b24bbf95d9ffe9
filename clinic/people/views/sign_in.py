"""Signing in and out."""

from datetime import datetime
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.people.forms import SignInForm
from clinic.people.operations import Admission, SignInFailed, sign_in
from clinic.people.views.attempts import counted, sign_in_counts
from clinic.people.views.blueprint import blueprint
from clinic.people.views.browser_session import (
    asked_here,
    end_session,
    let_in,
    next_page,
    this_browser,
)
from clinic.people.views.second_step import CODE_PAGE, PENDING
from clinic.web.access import public, signed_in_staff
from clinic.web.addresses import SIGN_IN
from clinic.web.cookies import take_session


@blueprint.get(SIGN_IN)
@public
def show_sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    if signed_in_staff() is not None:
        return redirect(next_page(), 303)
    return _sign_in_page(SignInForm(), 200)


@blueprint.post(SIGN_IN)
@public
def do_sign_in() -> ResponseReturnValue:
    """Sign in and go on to where the browser was asked to sign in, or to the second factor."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    try:
        admission = _counted_sign_in(form.email.data, form.password.data, now())
    except SignInFailed as refusal:
        form.form_errors.append(_(refusal.message))
        return _sign_in_page(form, refusal.status)
    end_session()
    if admission.needs_code:
        session[PENDING] = admission.token
        return redirect(f"{CODE_PAGE}?{urlencode({'next': next_page()})}", 303)
    return let_in(admission.token, form.email.data)


@blueprint.post("/sign-out")
@public
def do_sign_out() -> ResponseReturnValue:
    """End the session here and in the database."""
    end_session()
    answer = make_response(redirect(SIGN_IN, 303))
    answer.headers["Clear-Site-Data"] = '"cache"'
    take_session(answer)
    return answer


def _counted_sign_in(email: str, password: str, at: datetime) -> Admission:
    with counted(sign_in_counts(email), now=at):
        return sign_in(email=email, password=password, browser=this_browser(), now=at)


def _sign_in_page(form: SignInForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "people/sign_in.html", form=form, action=asked_here(), is_chosen="chosen" in request.args
    )
    return page, status
