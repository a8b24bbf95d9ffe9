"""The page behind a one-time link, on which somebody chooses a password."""

from flask import current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, Refusal
from clinic.people import queries
from clinic.people.forms import SetUpForm
from clinic.people.operations import LinkGone, choose_password
from clinic.people.views.blueprint import blueprint
from clinic.web.access import public
from clinic.web.addresses import SIGN_IN
from clinic.web.pages import KEY as SITE


@blueprint.get("/set-up/<token>")
@public
def show_set_up(token: str) -> ResponseReturnValue:
    """Ask for a password; opening the link uses nothing up."""
    return _set_up_page(SetUpForm(), token, 200)


@blueprint.post("/set-up/<token>")
@public
def do_set_up(token: str) -> ResponseReturnValue:
    """Set the password, once, and ask to sign in with it."""
    form = SetUpForm()
    if not form.validate():
        return _set_up_page(form, token, 422)
    try:
        choose_password(
            token=token, password=form.password.data, clinic_name=_clinic_name(), now=now()
        )
    except Invalid as refusal:
        form.password.errors = [_(text) for text in refusal.errors["password"]]
        return _set_up_page(form, token, refusal.status)
    except LinkGone:
        return _set_up_page(form, token, LinkGone.status)
    return redirect(SIGN_IN, 303)


def _clinic_name() -> str:
    try:
        name: str = current_app.extensions[SITE].current().name
    except Refusal:  # staff may be made before the clinic itself is loaded
        return ""
    return name


def _set_up_page(form: SetUpForm, token: str, status: int) -> ResponseReturnValue:
    account = queries.find_account_of_link(token=token, now=now())
    if account is None:
        return render_template("people/link_gone.html"), LinkGone.status
    page = render_template("people/set_up.html", form=form, name=account.name, email=account.email)
    return page, status
