"""The page behind a one-time link, on which somebody chooses a password."""

from flask import make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.people import queries
from clinic.people.forms import SetUpForm
from clinic.people.operations import LinkGone, choose_password
from clinic.people.views.attempts import counted, link_counts
from clinic.people.views.blueprint import blueprint
from clinic.people.views.browser_session import clinic_name, end_session
from clinic.people.views.known_browsers import remember_browser
from clinic.web.access import public
from clinic.web.addresses import SIGN_IN
from clinic.web.cookies import take_session


@blueprint.get("/set-up/<token>")
@public
def show_set_up(token: str) -> ResponseReturnValue:
    """Ask for a password; opening the link uses nothing up."""
    return _set_up_page(SetUpForm(), token, 200)


@blueprint.post("/set-up/<token>")
@public
def do_set_up(token: str) -> ResponseReturnValue:
    """Set the password, once, and ask to sign in with it, and with the second factor as ever."""
    form = SetUpForm()
    account = queries.find_account_of_link(token=token, now=now())
    if account is None or not form.validate():
        return _set_up_page(form, token, 422)
    try:
        choose_password(
            token=token, password=form.password.data, clinic_name=clinic_name(), now=now()
        )
    except Invalid as refusal:
        form.password.errors = [_(text) for text in refusal.errors["password"]]
        return _set_up_page(form, token, refusal.status)
    except LinkGone:
        return _set_up_page(form, token, LinkGone.status)
    end_session()
    answer = make_response(redirect(f"{SIGN_IN}?chosen=1", 303))
    take_session(answer)
    remember_browser(answer, account.email)
    return answer


def _set_up_page(form: SetUpForm, token: str, status: int) -> ResponseReturnValue:
    account = _account_of(token)
    if account is None:
        return render_template("people/link_gone.html"), LinkGone.status
    page = render_template("people/set_up.html", form=form, name=account.name, email=account.email)
    return page, status


def _account_of(token: str) -> queries.Account | None:
    """Whose link this is; links that open nothing are counted, and TooMany after so many."""
    try:
        with counted(link_counts(), now=now()):
            return _get_account_of(token)
    except LinkGone:
        return None


def _get_account_of(token: str) -> queries.Account:
    found = queries.find_account_of_link(token=token, now=now())
    if found is None:
        raise LinkGone
    return found
