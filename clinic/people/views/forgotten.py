"""Somebody forgot the password: a link is sent, and nothing is told to whoever asks."""

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.people.forms import ForgottenForm
from clinic.people.operations import ask_reset
from clinic.people.views.attempts import may_ask_reset
from clinic.people.views.blueprint import blueprint
from clinic.web.access import public


@blueprint.get("/sign-in/forgotten")
@public
def show_forgotten() -> ResponseReturnValue:
    """Ask whose password it is."""
    return render_template("people/forgotten.html", form=ForgottenForm())


@blueprint.post("/sign-in/forgotten")
@public
def do_forgotten() -> ResponseReturnValue:
    """Say the same whether somebody here has this address or not."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("people/forgotten.html", form=form), 422
    at = now()
    if may_ask_reset(form.email.data, now=at):
        ask_reset(email=form.email.data, now=at)
    return render_template("people/reset_sent.html")
