"""A patient signs in: an e-mail address, then the code from the mail and a birth date.

The first page answers every address in the same way; see ``operations/codes.py``.
"""

from datetime import timedelta
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.people.rules.names import email_key
from clinic.portal.forms import AskCodeForm, CodeForm
from clinic.portal.operations.codes import ask_for_code
from clinic.portal.operations.sign_in import (
    CodeOver,
    CodeWrong,
    sign_in_with_code,
    sign_out,
    sign_out_everywhere,
)
from clinic.portal.views.blueprint import HOME, blueprint
from clinic.web.access import client_address, household, patients_only, public, signed_in_household
from clinic.web.addresses import PATIENT_SIGN_IN, local_path
from clinic.web.cookies import give_patient_session, patient_token, take_patient_session
from clinic.web.limits import limit, network_of

ASKED = "sign_in_code"
WINDOW = timedelta(minutes=15)
CODES_OF_ADDRESS_HERE = 5
CODES_OF_ADDRESS = 15
CODES_OF_NETWORK = 50
TRIES_OF_NETWORK = 50


@blueprint.get(PATIENT_SIGN_IN)
@public
def show_sign_in() -> ResponseReturnValue:
    """Ask for the address; whoever is signed in already goes on."""
    if signed_in_household() is not None:
        return redirect(_next(), 303)
    return _page("portal/sign_in.html", AskCodeForm(formdata=None))


@blueprint.post(PATIENT_SIGN_IN)
@public
def ask_code() -> ResponseReturnValue:
    """Have a code sent, if somebody has this address, and go on in any case."""
    form = AskCodeForm()
    address = form.read()
    if address is None:
        return _page("portal/sign_in.html", form, 422)
    _count_asking(email_key(address))
    session[ASKED] = ask_for_code(email=address, now=now())
    return redirect(_with_next(f"{PATIENT_SIGN_IN}/code"), 303)


@blueprint.get(f"{PATIENT_SIGN_IN}/code")
@public
def show_code() -> ResponseReturnValue:
    """Ask for the code and the birth date."""
    if signed_in_household() is not None:
        return redirect(_next(), 303)
    if not isinstance(session.get(ASKED), str):
        return redirect(_with_next(PATIENT_SIGN_IN, why="elsewhere"), 303)
    return _page("portal/code.html", CodeForm(formdata=None))


@blueprint.post(f"{PATIENT_SIGN_IN}/code")
@public
def do_sign_in() -> ResponseReturnValue:
    """Sign in and go on to where the browser wanted to, inside this site only."""
    asked, form = session.get(ASKED), CodeForm()
    proof = form.read()
    if proof is None:
        return _page("portal/code.html", form, 422)
    _count("portal-code-tried", network_of(client_address()), TRIES_OF_NETWORK)
    code, born = proof
    try:
        token = sign_in_with_code(
            public_id=asked if isinstance(asked, str) else "", code=code, birth_date=born, now=now()
        )
    except (CodeWrong, CodeOver) as refusal:
        form.form_errors.append(_(refusal.message))
        return _page("portal/code.html", form, refusal.status)
    _renew_session()
    answer = make_response(redirect(_next(), 303))
    give_patient_session(answer, token)
    return answer


@blueprint.post("/portal/sign-out")
@public
def do_sign_out() -> ResponseReturnValue:
    """End the session here and in the database."""
    token = patient_token()
    if token is not None:
        sign_out(token=token, now=now())
    return _signed_out()


@blueprint.post("/portal/sign-out-everywhere")
@patients_only
def do_sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this person, on every device."""
    sign_out_everywhere(household=household(), now=now())
    return _signed_out()


def _signed_out() -> ResponseReturnValue:
    session.clear()
    answer = make_response(redirect(PATIENT_SIGN_IN, 303))
    answer.headers["Clear-Site-Data"] = '"cache"'
    take_patient_session(answer)
    return answer


def _renew_session() -> None:
    """End a session that this browser had, and the proofs its open forms carry.

    What it holds while booking stays: one signs in on the way to a visit.
    """
    token = patient_token()
    if token is not None:
        sign_out(token=token, now=now())
    for name in (ASKED, "csrf_token"):
        session.pop(name, None)


def _count_asking(address: str) -> None:
    """Limit the codes of an address from here, from anywhere, and those of a network."""
    here = network_of(client_address())
    _count("portal-code-here", f"{address}|{here}", CODES_OF_ADDRESS_HERE)
    _count("portal-code-network", here, CODES_OF_NETWORK)
    _count("portal-code", address, CODES_OF_ADDRESS)


def _count(name: str, who: str, at_most: int) -> None:
    limit(name=name, who=who, at_most=at_most, now=now(), window=WINDOW)


def _next() -> str:
    return local_path(request.args.get("next"), otherwise=HOME)


def _with_next(path: str, *, why: str = "") -> str:
    wanted = local_path(request.args.get("next"), otherwise="")
    query = {"why": why} if why else {}
    query |= {"next": wanted} if wanted else {}
    return f"{path}?{urlencode(query)}" if query else path


def _why() -> tuple[str, str] | None:
    """Why somebody is asked to sign in who did not come to; None who did."""
    words = {
        "ended": (_("You were signed out."), ""),
        "unsaved": (
            _("You were signed out before that could be saved."),
            _("Nothing was changed. Sign in, and do it once more."),
        ),
        "elsewhere": (
            _("Ask for a code here first."),
            _("A code works only in the browser in which it was asked for."),
        ),
    }
    return words.get(request.args.get("why", ""))


def _page(template: str, form: AskCodeForm | CodeForm, status: int = 200) -> ResponseReturnValue:
    back = _next() if _next().startswith("/book/") else ""
    page = render_template(
        template,
        form=form,
        back=back,
        again=_with_next(PATIENT_SIGN_IN),
        action=_with_next(request.path),
        why=_why(),
    )
    return page, status
