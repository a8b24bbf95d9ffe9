"""The ways to a form: a link from a mail, a code at the desk's tablet, a patient's own pages."""

from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.intake.forms.entry import AuthorForm, BirthDateForm, KioskForm
from clinic.intake.operations.links import (
    BirthDateWrong,
    CodeWrong,
    LinkOver,
    Opened,
    lock_session,
    name_author,
    open_kiosk,
    open_link,
)
from clinic.intake.presenters.forms import present_form_line
from clinic.intake.queries.links import is_live_link
from clinic.intake.queries.responses import list_assigned
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.keeping import BACK, entry, entry_page, forget_all, waiting_page
from clinic.intake.views.openers import TOKEN, patients_here, visitor
from clinic.intake.views.returning import count_try
from clinic.web.access import current_actor, public, signed_in_household

KIOSK = "/intake/kiosk"
TABLET = "forms-tablet"


@blueprint.get("/intake")
@public
def own_forms() -> ResponseReturnValue:
    """The forms of whoever is here; whoever is not known yet learns how to get in."""
    guest = visitor()
    patients = patients_here()
    if not patients:
        return redirect(KIOSK, 303) if session.get(TABLET) else entry_page()
    people, listed = [], set[str]()
    for patient in patients:
        assigned = list_assigned(patient=patient, with_done=True)
        listed |= {one.assignment.public_id for one in assigned}
        if assigned or len(patients) == 1:
            name = f"{assigned[0].patient.given_name}" if assigned else ""
            people.append((name, tuple(present_form_line(one) for one in assigned)))
        record_look(
            action="form.list-seen", actor=current_actor(), now=now(), subject=f"patient:{patient}"
        )
    waiting = waiting_page(listed)
    if waiting and request.args.get(BACK):
        return redirect(waiting, 303)
    return render_template(
        "intake/own_forms.html",
        people=people,
        waiting=waiting,
        guest=guest,
        is_family=guest is None and signed_in_household() is not None,
    )


@blueprint.get("/intake/<token>")
@public
def show_link(token: str) -> ResponseReturnValue:
    """Ask for the birth date; a link that opens nothing says so."""
    if not is_live_link(token=token, now=now()):
        return render_template("intake/link_over.html"), 404
    return _link_page(BirthDateForm(formdata=None), token)


@blueprint.post("/intake/<token>")
@public
def do_open_link(token: str) -> ResponseReturnValue:
    """Open the patient's forms in this browser."""
    form = BirthDateForm()
    born = form.read()
    if not is_live_link(token=token, now=now()):
        return render_template("intake/link_over.html"), 404
    if born is None:
        return _link_page(form, token, 422)
    count_try()
    try:
        opened = open_link(token=token, birth_date=born, now=now())
    except LinkOver:
        return render_template("intake/link_over.html"), 404
    except BirthDateWrong as refusal:
        form.form_errors.append(_(refusal.message))
        return _link_page(form, token, refusal.status)
    return _begin(opened, is_tablet=False)


@blueprint.get(KIOSK)
@public
def show_kiosk() -> ResponseReturnValue:
    """The clinic's tablet, locked: a code from the desk and the birth date open it."""
    return _kiosk_page(KioskForm(formdata=None))


@blueprint.post(KIOSK)
@public
def do_open_kiosk() -> ResponseReturnValue:
    """Open the patient's forms on the clinic's tablet."""
    form = KioskForm()
    proof = form.read_code()
    if proof is None:
        return _kiosk_page(form, 422)
    count_try()
    code, born = proof
    try:
        opened = open_kiosk(code=code, birth_date=born, now=now())
    except CodeWrong as refusal:
        form.form_errors.append(_(refusal.message))
        return _kiosk_page(form, refusal.status)
    return _begin(opened, is_tablet=True)


@blueprint.get("/intake/who")
@public
def show_author() -> ResponseReturnValue:
    """A child's forms: ask who fills them in."""
    guest = visitor()
    if guest is None:
        return redirect("/intake", 303)
    return _author_page(AuthorForm(formdata=None))


@blueprint.post("/intake/who")
@public
def do_name_author() -> ResponseReturnValue:
    """Note who fills in, for every answer from now on."""
    token, guest, form = session.get(TOKEN), visitor(), AuthorForm()
    if guest is None or not isinstance(token, str):
        return redirect("/intake", 303)
    said = form.read()
    if said is None:
        return _author_page(form, 422)
    name_author(token=token, name=said[0], relation=said[1], now=now())
    return redirect(entry(), 303)


@blueprint.post("/intake/leave")
@public
def leave() -> ResponseReturnValue:
    """End the session in this browser; the tablet is locked by it."""
    guest, token = visitor(), session.pop(TOKEN, None)
    forget_all()
    if isinstance(token, str):
        lock_session(token=token, now=now())
    is_kiosk = guest is None or guest.is_kiosk
    answer = make_response(redirect(KIOSK if is_kiosk else "/", 303))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _begin(opened: Opened, *, is_tablet: bool) -> ResponseReturnValue:
    """The proof goes into the browser's own session; what it had before ends.

    The clinic's tablet is known by its last code: once locked, every way back shows the lock.
    """
    session.pop(TABLET, None)
    if is_tablet:
        session[TABLET] = True
    before = session.pop(TOKEN, None)
    if isinstance(before, str):
        lock_session(token=before, now=now())
    session.pop("csrf_token", None)
    session[TOKEN] = opened.token
    return redirect(entry(), 303)


def _link_page(form: BirthDateForm, token: str, status: int = 200) -> ResponseReturnValue:
    return render_template("intake/link.html", form=form, action=f"/intake/{token}"), status


def _kiosk_page(form: KioskForm, status: int = 200) -> ResponseReturnValue:
    return render_template("intake/kiosk.html", form=form), status


def _author_page(form: AuthorForm, status: int = 200) -> ResponseReturnValue:
    guest = visitor()
    if guest is None:
        raise NotFound
    return render_template("intake/who.html", form=form, name=guest.given_name), status
