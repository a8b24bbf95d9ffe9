"""The second step of signing in: a code of the app, or one from paper.

Between the steps the browser holds a token that opens nothing by itself.
"""

from urllib.parse import urlencode

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.people import queries
from clinic.people.forms import AppCodeForm, RecoveryCodeForm
from clinic.people.operations import CodeRefused, SignInOver, finish_sign_in
from clinic.people.views.attempts import code_counts, counted
from clinic.people.views.blueprint import blueprint
from clinic.people.views.browser_session import asked_here, let_in, next_page, this_browser
from clinic.web.access import public
from clinic.web.addresses import SIGN_IN

CODE_PAGE = "/sign-in/code"
RECOVERY_PAGE = "/sign-in/recovery"
PENDING = "pending"
_Form = AppCodeForm | RecoveryCodeForm


@blueprint.get(CODE_PAGE)
@public
def show_code() -> ResponseReturnValue:
    """Ask for the app's code."""
    return _page(AppCodeForm(), 200)


@blueprint.get(RECOVERY_PAGE)
@public
def show_recovery() -> ResponseReturnValue:
    """Ask for a recovery code."""
    return _page(RecoveryCodeForm(), 200)


@blueprint.post(CODE_PAGE)
@public
def do_code() -> ResponseReturnValue:
    """Finish signing in with the app's code."""
    return _finish(AppCodeForm())


@blueprint.post(RECOVERY_PAGE)
@public
def do_recovery() -> ResponseReturnValue:
    """Finish signing in with a recovery code."""
    return _finish(RecoveryCodeForm())


def _finish(form: _Form) -> ResponseReturnValue:
    waiting = _waiting()
    if waiting is None or not form.validate():
        return _page(form, 422)
    try:
        with counted(code_counts(account=waiting.public_id, email=waiting.email), now=now()):
            token = finish_sign_in(
                token=session[PENDING], code=form.code.data, browser=this_browser(), now=now()
            )
    except CodeRefused as refusal:
        form.code.errors = [_(refusal.message)]
        return _page(form, refusal.status)
    except SignInOver:
        return _page(form, 422)
    session.clear()
    return let_in(token, waiting.email)


def _waiting() -> queries.Waiting | None:
    return queries.find_waiting(token=session.get(PENDING, ""), now=now())


def _page(form: _Form, status: int) -> ResponseReturnValue:
    query = f"?{urlencode({'next': next_page()})}" if "next" in request.args else ""
    if _waiting() is None:
        return redirect(f"{SIGN_IN}{query}", 303)
    is_app = isinstance(form, AppCodeForm)
    other = f"{RECOVERY_PAGE if is_app else CODE_PAGE}{query}"
    page = render_template(
        "people/code.html", form=form, is_app=is_app, other=other, action=asked_here()
    )
    return page, status
