"""Somebody comes back to a page that stayed open after its session had ended: what they typed goes
along while they prove the birth date once more, and is saved then."""

from datetime import timedelta

from flask import g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.intake.forms.entry import BirthDateForm
from clinic.intake.operations.links import BirthDateWrong, LinkOver, renew_session
from clinic.intake.queries.links import is_resting
from clinic.intake.views.keeping import SAVING, keep_and_ask, stop_of_sent
from clinic.intake.views.openers import TOKEN
from clinic.web.access import client_address
from clinic.web.limits import limit, network_of

WINDOW = timedelta(minutes=15)
TRIES_OF_NETWORK = 60
PROOF = "birth_date-"
NOT_KEPT = ("csrf_token", PROOF)


def count_try() -> None:
    """Let nobody try birth dates in bulk."""
    limit(
        name="form-link",
        who=network_of(client_address()),
        at_most=TRIES_OF_NETWORK,
        now=now(),
        window=WINDOW,
    )


def come_back() -> ResponseReturnValue | None:
    """None once the session lives again, and the page goes on as it was sent; else what to answer.

    Only what was sent to be saved comes back like this, and only from the browser that had proven
    itself by a mail's link, for as long as the session would have lasted in use; for anybody else
    the page is kept until they have proven anew who they are.
    """
    if request.headers.get("X-Saving") == SAVING:
        return "", 401
    token = session.get(TOKEN)
    if request.method != "POST":
        return redirect("/intake", 303)
    if not isinstance(token, str) or not is_resting(token=token, now=now()):
        return keep_and_ask()
    if not any(name.startswith(PROOF) for name in request.form):
        return _page(BirthDateForm(formdata=None), 401)
    form = BirthDateForm()
    born = form.read()
    if born is None:
        return _page(form, 422)
    count_try()
    try:
        renew_session(token=token, birth_date=born, now=now())
    except LinkOver:
        return render_template("intake/link_over.html"), 404
    except BirthDateWrong as refusal:
        form.form_errors.append(_(refusal.message))
        return _page(form, refusal.status)
    g.pop("form_visitor", None)
    return None


def _page(form: BirthDateForm, status: int) -> ResponseReturnValue:
    kept = [pair for pair in request.form.items(multi=True) if not pair[0].startswith(NOT_KEPT)]
    page = render_template(
        "intake/again.html",
        form=form,
        kept=kept,
        action=request.path,
        has_files=any(one.filename for one in request.files.values()),
        stop=stop_of_sent() if request.endpoint == "intake.save" else None,
    )
    return page, status
