"""A visit's own page, for whoever has its link: look, confirm, move, cancel.

Looking changes nothing: links in messages are opened by scanners too. Only a button acts.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.intake.operations.links import new_form_link
from clinic.scheduling.forms.cancelling import CancelForm
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import SlotTaken, VersionMismatch, WrongState
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.presenters.visits import present_visit
from clinic.scheduling.presenters.weeks import Frame, WeekView, present_alternatives, present_week
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.visit_forms import find_forms
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.weeks import Week, find_week
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.setting import Practitioner, Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.week_address import ChosenSlot, read_ask, read_slot
from clinic.scheduling.views.opened import opened_visit
from clinic.scheduling.views.pages import (
    Notice,
    blueprint,
    local_day,
    notice_of,
    query_of_ask,
)
from clinic.web.access import public, signed_in_household
from clinic.web.limits import limit, limit_booking

LONGEST_ACTOR = 200
FORM_LINKS = 20
ALTERNATIVES = 5
HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


@blueprint.after_request
def tell_no_other_site(answer: Response) -> Response:
    """The address of such a page opens it, so no page that it leads to may learn it."""
    if request.path.startswith(("/visits/", "/requests/", "/waitlist/")):
        answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.get("/visits/<token>")
@public
def visit(token: str) -> ResponseReturnValue:
    """The visit and what can be done."""
    done = {
        "confirmed": _("Thank you. We expect you."),
        "booked": _("The time is yours. This is your visit."),
        "moved": _("Your visit was moved. This is the new time."),
    }.get(request.args.get("done", ""))
    return _visit_page(opened_visit(token), token, Notice(done, kind="ok") if done else None)


@blueprint.post("/visits/<token>/confirm")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The patient says they will come."""
    found = opened_visit(token)
    try:
        take_step(
            public_id=found.public_id, action=Action.CONFIRM, actor=_patient(found), now=now()
        )
    except Refusal as refusal:
        return _visit_page(found, token, notice_of(refusal), refusal.status)
    return redirect(f"/visits/{token}?done=confirmed", 303)


@blueprint.post("/visits/<token>/forms")
@public
def open_forms(token: str) -> ResponseReturnValue:
    """Lead to the visit's forms; who comes proves the patient's birth date there."""
    found, at = opened_visit(token), now()
    if find_forms(found) is None or not _is_ahead(found, at):
        return redirect(_path(token), 303)
    family = signed_in_household()
    if family is not None and family.find(found.patient) is not None:
        return redirect("/intake", 303)
    limit(name="visit-forms", who=found.public_id, at_most=FORM_LINKS, now=at, window=HOUR)
    link = new_form_link(
        patient=found.patient, actor=_patient(found), now=at, expires_at=found.starts_at + A_DAY
    )
    return redirect(f"/intake/{link}", 303)


@blueprint.get("/visits/<token>/cancel")
@public
def ask_cancel(token: str) -> ResponseReturnValue:
    """Ask whether to cancel, and say what that means."""
    found = opened_visit(token)
    if not _is_ahead(found, now()):
        return redirect(f"/visits/{token}", 303)
    return _ask_cancel_page(found, token, CancelForm(formdata=None))


@blueprint.post("/visits/<token>/cancel")
@public
def cancel(token: str) -> ResponseReturnValue:
    """Cancel the visit; once is enough."""
    found, at = opened_visit(token), now()
    if found.status == "cancelled":
        return redirect(_path(token), 303)
    form = CancelForm()
    why = form.read()
    if why is None:
        return _ask_cancel_page(found, token, form), 422
    try:
        _refuse_begun(found, at)
        take_step(
            public_id=found.public_id,
            action=Action.CANCEL,
            reason=why or None,
            actor=_patient(found),
            now=at,
        )
    except Refusal as refusal:
        return _visit_page(found, token, notice_of(refusal), refusal.status)
    return redirect(_path(token), 303)


@blueprint.get("/visits/<token>/move")
@public
def choose_new_time(token: str) -> ResponseReturnValue:
    """A week of times to move the visit to; with a chosen time the question whether to move."""
    found = opened_visit(token)
    if not _is_ahead(found, now()):
        return redirect(_path(token), 303)
    if "slot" not in request.args:
        return _move_page(found, token)
    chosen = read_slot(request.args["slot"])
    if chosen is None:
        notice = Notice(_("Please choose one of the times below."))
        return _move_page(found, token, notice=notice, status=422)
    return _ask_move_page(found, token, chosen)


@blueprint.post("/visits/<token>/move")
@public
def move(token: str) -> ResponseReturnValue:
    """Move the visit to the chosen time, or leave it as it is."""
    limit_booking()
    found = opened_visit(token)
    chosen = read_slot(request.form.get("slot", ""))
    if chosen is None:
        notice = Notice(_("Please choose one of the times below."))
        return _move_page(found, token, notice=notice, status=422)
    version = request.form.get("version", "")
    change = Change(
        version=int(version) if version.isascii() and version.isdecimal() else None,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
    )
    try:
        move_appointment(public_id=found.public_id, change=change, actor=_patient(found), now=now())
    except Refusal as refusal:
        present = opened_visit(token)
        # A button pressed twice: the first press has moved it.
        if not (isinstance(refusal, VersionMismatch) and _sits_there(present, chosen)):
            return _move_page(present, token, refusal=refusal, start=chosen.start)
    return redirect(f"{_path(token)}?done=moved", 303)


def _ask_move_page(found: Visit, token: str, chosen: ChosenSlot) -> ResponseReturnValue:
    """Old time and new time, and one button that moves; what is taken by now leads back."""
    setting, at = get_setting(), now()
    if _sits_there(found, chosen):
        notice = Notice(_("This is the time that you have. Choose another, or keep it."))
        return _move_page(found, token, notice=notice, start=chosen.start, status=422)
    who = setting.practitioners.get(chosen.practitioner or found.practitioner)
    if who is None or not _is_offered(found, setting):
        return _move_page(found, token, refusal=SlotTaken(()))
    frame, day = _frame(found, token, setting, at), local_day(chosen.start, found.zone)
    week = _find_week(found, replace(frame.query, practitioner=who.slug), day, at)
    free = [slot for plan in week.plans for slot in plan.slots if slot.start >= chosen.start]
    if not free or free[0].start != chosen.start:
        taken = SlotTaken(tuple(free[:ALTERNATIVES]))
        return _move_page(found, token, refusal=taken, start=chosen.start)
    return render_template(
        "scheduling/ask_move.html",
        visit=_view(found),
        new=_view(_as_moved(found, chosen.start, who, setting)),
        version=found.version,
        slot=request.args["slot"],
        path=_path(token),
        back_to=frame.ask.address(frame.path, week=day),
    )


def _as_moved(found: Visit, start: int, who: Practitioner, setting: Setting) -> Visit:
    """The visit as it would be; who moves it takes the service's own length."""
    minutes = setting.services[found.service].minutes
    return replace(
        found,
        starts_at=instant(start),
        ends_at=instant(start) + timedelta(minutes=minutes),
        minutes=minutes,
        practitioner=who.slug,
        practitioner_name=who.name,
    )


def _sits_there(found: Visit, chosen: ChosenSlot) -> bool:
    who = chosen.practitioner or found.practitioner
    return (found.starts_at, found.practitioner) == (instant(chosen.start), who)


def _ask_cancel_page(found: Visit, token: str, form: CancelForm) -> str:
    return render_template(
        "scheduling/ask_cancel.html", visit=_view(found), path=_path(token), form=form
    )


def _visit_page(
    found: Visit, token: str, notice: Notice | None = None, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "scheduling/visit.html",
        visit=_view(found),
        path=_path(token),
        notice=notice,
        forms=find_forms(found),
    ), status


def _move_page(
    found: Visit,
    token: str,
    *,
    notice: Notice | None = None,
    refusal: Refusal | None = None,
    start: int | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    setting, at = get_setting(), now()
    if not _is_ahead(found, at) or not _is_offered(found, setting):
        words = Notice(_("This visit can no longer be moved here. Please call us."))
        return _visit_page(found, token, words, 409)
    frame = _frame(found, token, setting, at)
    slots = refusal.alternatives if isinstance(refusal, SlotTaken) else ()
    return render_template(
        "scheduling/move.html",
        visit=_view(found),
        path=_path(token),
        week=_week(found, frame, start, at),
        kept=(("practitioner", frame.ask.practitioner or ""), ("part", frame.ask.part or "")),
        alternatives=present_alternatives(slots=slots, frame=frame),
        notice=notice_of(refusal) if refusal else notice,
    ), refusal.status if refusal else status


def _week(found: Visit, frame: Frame, start: int | None, at: datetime) -> WeekView:
    """The week asked for, or that of a start that was tried; the visit itself is in no way."""
    day = frame.ask.whole_day or frame.ask.week
    if start is not None:
        day = local_day(start, found.zone)
    return present_week(week=_find_week(found, frame.query, day, at), frame=frame)


def _find_week(found: Visit, query: Query, day: date | None, at: datetime) -> Week:
    without = (found.occurrence_id,) if found.capacity == 1 else ()
    return find_week(query=query, day=day, now=at, without=without, anywhere=False)


def _frame(found: Visit, token: str, setting: Setting, at: datetime) -> Frame:
    service = setting.services[found.service]
    asked = read_ask(args=request.args, service=service, setting=setting, places=())
    who = asked.practitioner
    if "practitioner" not in request.args and found.practitioner in setting.practitioners:
        who = found.practitioner
    ask = replace(asked, practitioner=who, state=None)
    query = query_of_ask(
        ask=replace(ask, location=found.location, state=found.patient_state),
        setting=setting,
        at=at,
    )
    query = replace(query, sold=found.is_sold)
    return Frame(path=f"{_path(token)}/move", ask=ask, query=query, names_person=True)


def _is_offered(found: Visit, setting: Setting) -> bool:
    service = setting.services.get(found.service)
    if service is None or found.location not in setting.locations:
        return False
    return service.online or found.is_sold


def _is_ahead(found: Visit, at: datetime) -> bool:
    return found.status == "booked" and found.starts_at > at


def _refuse_begun(found: Visit, at: datetime) -> None:
    if not _is_ahead(found, at):
        raise WrongState("This visit can no longer be cancelled here. Please call us.")


def _view(found: Visit) -> object:
    return present_visit(visit=found, setting=get_setting(), currency=currency(), now=now())


def _patient(found: Visit) -> Actor:
    name = f"{found.given_name} {found.family_name}"[:LONGEST_ACTOR]
    return Actor(kind="patient", name=name, id=found.patient)


def _path(token: str) -> str:
    return f"/visits/{token}"
