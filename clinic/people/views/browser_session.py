"""What this browser holds: its session, and the facts of it that views pass on."""

from flask import current_app, make_response, redirect, request, session
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.people.operations import sign_out
from clinic.people.rules.browsers import Browser, read_browser
from clinic.people.views.known_browsers import remember_browser
from clinic.web.access import client_address
from clinic.web.addresses import local_path
from clinic.web.cookies import give_session, session_token
from clinic.web.limits import network_of
from clinic.web.navigation import START
from clinic.web.pages import KEY as SITE


def this_browser() -> Browser:
    """What is kept of the browser that asks."""
    return read_browser(request.user_agent.string, network=network_of(client_address()))


def next_page() -> str:
    """Where the browser was on its way to, inside this site only."""
    return local_path(request.args.get("next"), otherwise=START)


def asked_here() -> str:
    """The address that was asked for, for a form that posts to its own page."""
    return request.full_path.rstrip("?")


def let_in(token: str, email: str) -> ResponseReturnValue:
    """Give the browser its session, know it from now on, and go on."""
    answer = make_response(redirect(next_page(), 303))
    give_session(answer, token)
    remember_browser(answer, email)
    return answer


def end_session() -> None:
    """Whatever session this browser had ends, and with it the proofs its open forms carry."""
    token = session_token()
    if token is not None:
        sign_out(token=token, now=now())
    session.clear()


def clinic_name() -> str:
    """The clinic's name, "" while there is none: staff may be made before the clinic is loaded."""
    try:
        name: str = current_app.extensions[SITE].current().name
    except Refusal:
        return ""
    return name
