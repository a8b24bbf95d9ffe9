"""One's own account: password, sessions, and giving the password again."""

from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.people import queries
from clinic.people.forms import ProveForm, SetUpForm
from clinic.people.operations import (
    WrongPassword,
    change_password,
    end_other_sessions,
    end_own_session,
    prove_again,
)
from clinic.people.presenters import present_account
from clinic.people.views.attempts import counted, proof_counts
from clinic.people.views.blueprint import blueprint
from clinic.people.views.browser_session import asked_here, clinic_name, this_browser
from clinic.web.access import allow_staff, current_actor
from clinic.web.addresses import PROVE_AGAIN, local_path
from clinic.web.cookies import give_session

ACCOUNT = "/account"


@blueprint.get(ACCOUNT)
@allow_staff()
def show_account() -> ResponseReturnValue:
    """Who one is here, how one signs in, and where one is signed in."""
    actor, at = current_actor(), now()
    account = queries.get_account(public_id=actor.id or "")
    has_factor = queries.find_factor(staff_id=account.id) is not None
    page = present_account(
        account=account,
        sessions=queries.list_sessions(staff_public_id=account.public_id, now=at),
        codes_left=queries.count_recovery_codes(staff_id=account.id) if has_factor else None,
        actor=actor,
        done=request.args.get("done", ""),
        now=at,
    )
    return render_template("people/account.html", page=page)


@blueprint.post("/account/sessions/end")
@allow_staff()
def do_end_session() -> ResponseReturnValue:
    """Sign out one browser, or with none named all but this one."""
    which = request.form.get("session", "")
    if not which:
        end_other_sessions(actor=current_actor(), now=now())
        return redirect(f"{ACCOUNT}?done=sessions-ended", 303)
    end_own_session(session=which, actor=current_actor(), now=now())
    return redirect(f"{ACCOUNT}?done=session-ended", 303)


@blueprint.get("/account/password")
@allow_staff(proved_lately=True)
def show_password() -> ResponseReturnValue:
    """Ask for a new password."""
    return _password_page(SetUpForm(), 200)


@blueprint.post("/account/password")
@allow_staff(proved_lately=True)
def do_password() -> ResponseReturnValue:
    """Change the password; this browser stays signed in, with a new session."""
    form, actor = SetUpForm(), current_actor()
    if not form.validate():
        return _password_page(form, 422)
    try:
        token = change_password(
            password=form.password.data,
            clinic_name=clinic_name(),
            browser=this_browser(),
            actor=actor,
            now=now(),
        )
    except Invalid as refusal:
        form.password.errors = [_(text) for text in refusal.errors["password"]]
        return _password_page(form, refusal.status)
    session.clear()
    answer = make_response(redirect(f"{ACCOUNT}?done=password", 303))
    give_session(answer, token)
    return answer


@blueprint.get(PROVE_AGAIN)
@allow_staff(unfinished=True)
def show_prove_again() -> ResponseReturnValue:
    """Ask for the password before something that matters."""
    return render_template("people/prove_again.html", form=ProveForm(), action=asked_here())


@blueprint.post(PROVE_AGAIN)
@allow_staff(unfinished=True)
def do_prove_again() -> ResponseReturnValue:
    """Take the password and go on to what was wanted."""
    form, actor, at = ProveForm(), current_actor(), now()
    status = 422
    if form.validate():
        try:
            with counted(proof_counts(actor.session or ""), now=at):
                prove_again(password=form.password.data, actor=actor, now=at)
        except WrongPassword as refusal:
            form.password.errors = [_(refusal.message)]
        else:
            return redirect(local_path(request.args.get("next"), otherwise=ACCOUNT), 303)
    page = render_template("people/prove_again.html", form=form, action=asked_here())
    return page, status


def _password_page(form: SetUpForm, status: int) -> ResponseReturnValue:
    account = queries.get_account(public_id=current_actor().id or "")
    return render_template("people/password.html", form=form, email=account.email), status
