"""Signing in and out."""

from datetime import datetime, timedelta

from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.people.forms import SignInForm
from clinic.people.operations import SignInFailed, sign_in, sign_out
from clinic.people.rules.browsers import read_browser
from clinic.people.views.blueprint import blueprint
from clinic.web.access import client_address, public, signed_in_staff
from clinic.web.addresses import SIGN_IN, local_path
from clinic.web.cookies import give_session, session_token, take_session
from clinic.web.limits import give_back, limit, network_of
from clinic.web.navigation import START

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT = 10
FAILURES_OF_ADDRESS = 50


@blueprint.get(SIGN_IN)
@public
def show_sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    if signed_in_staff() is not None:
        return redirect(_next(), 303)
    return _sign_in_page(SignInForm(), 200)


@blueprint.post(SIGN_IN)
@public
def do_sign_in() -> ResponseReturnValue:
    """Sign in and go on to where the browser was asked to sign in, inside this site only."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    try:
        token = _counted_sign_in(form.email.data, form.password.data, now())
    except SignInFailed as refusal:
        form.form_errors.append(_(refusal.message))
        return _sign_in_page(form, refusal.status)
    _end_session()
    answer = make_response(redirect(_next(), 303))
    give_session(answer, token)
    return answer


@blueprint.post("/sign-out")
@public
def do_sign_out() -> ResponseReturnValue:
    """End the session here and in the database."""
    _end_session()
    answer = make_response(redirect(SIGN_IN, 303))
    answer.headers["Clear-Site-Data"] = '"cache"'
    take_session(answer)
    return answer


def _counted_sign_in(email: str, password: str, at: datetime) -> str:
    """Sign in, failures limited for account and address together and for the address.

    Attempts are counted before the password is looked at, so that many at once gain nothing, and
    given back when it was right.
    """
    address = network_of(client_address())
    counts = (
        ("sign-in", f"{email.strip().casefold()}|{address}", FAILURES_OF_ACCOUNT),
        ("sign-in-address", address, FAILURES_OF_ADDRESS),
    )
    for name, who, at_most in counts:
        limit(name=name, who=who, at_most=at_most, now=at, window=WINDOW)
    browser = read_browser(request.user_agent.string, network=address)
    token = sign_in(email=email, password=password, browser=browser, now=at)
    for name, who, _at_most in counts:
        give_back(name=name, who=who, now=at, window=WINDOW)
    return token


def _end_session() -> None:
    """Whatever session this browser had ends, and with it the proofs its open forms carry."""
    token = session_token()
    if token is not None:
        sign_out(token=token, now=now())
    session.clear()


def _next() -> str:
    return local_path(request.args.get("next"), otherwise=START)


def _sign_in_page(form: SignInForm, status: int) -> ResponseReturnValue:
    action = request.full_path.rstrip("?")
    return render_template("people/sign_in.html", form=form, action=action), status
