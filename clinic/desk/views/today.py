"""The day's list and the steps of its visits."""

from dataclasses import dataclass

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.desk.forms.steps import CancelForm, PressedStep, read_day_ask, read_step
from clinic.desk.presenters.asking import DayAsk, today_in
from clinic.desk.presenters.day import DayView, present_day
from clinic.desk.presenters.rows import name_of
from clinic.desk.queries.calendar import Span
from clinic.desk.queries.day import list_day
from clinic.desk.queries.pulse import pulse_of
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.scheduling.operations.refusals import VersionMismatch
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, find_visit_by_reference, get_visit
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor
from clinic.web.filters import local_time, long_date
from clinic.web.packing import packed
from clinic.web.status import status_look

LONGEST_REFERENCE = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """What could not be done, and how the visit stands now."""

    title: str
    text: str = ""


@blueprint.get("/desk")
@allow(*DESK)
@packed
def today() -> ResponseReturnValue:
    """Who comes, who is here, who is late: the list of a day."""
    return day_page()


@blueprint.get("/desk/list")
@allow(*DESK)
@packed
def day_list() -> ResponseReturnValue:
    """The list alone, for a page that keeps itself current; 204 when nothing has changed."""
    at, ask = now(), _ask()
    span = Span(ask.day, ask.day, ask.zone)
    version = get_setting().version
    pulse = pulse_of(begins=span.begins, ends=span.ends, version=version, now=at)
    if request.args.get("pulse") == pulse:
        return Response(status=204)
    page = render_template("desk/day_list.html", page=_look(seen=request.args.get("seen", "")))
    return Response(page, headers={"X-Pulse": pulse})


@blueprint.get("/desk/find")
@allow(*DESK)
def find() -> ResponseReturnValue:
    """The list of the day on which the visit of a reference stands."""
    typed = request.args.get("reference", "")[:LONGEST_REFERENCE]
    found = find_visit_by_reference(typed)
    if found is not None:
        return redirect(_address_of(found, is_done=False))
    notice = Notice(
        _("No visit has the reference “%(typed)s”.", typed=typed),
        _("It has six signs, like P3H-3K7; it stands on the confirmation and the visit's page."),
    )
    return day_page(notice, status=404, reference=typed)


@blueprint.post("/desk/steps")
@allow(*DESK)
def step() -> ResponseReturnValue:
    """Take one step with a visit that stands as it was looked at."""
    pressed = read_step(request.form.get("step", ""))
    if pressed is None:
        return day_page(Notice(_("That button is not known. Nothing was changed.")), status=422)
    try:
        take_step(
            public_id=pressed.public_id,
            action=pressed.action,
            actor=current_actor(),
            now=now(),
            version=pressed.version,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return day_page(_refused(refusal, pressed), status=refusal.status)
    return redirect(f"{_ask().address(done=pressed.public_id)}#v-{pressed.public_id}", 303)


@blueprint.get("/desk/visits/<visit>/cancel")
@allow(*DESK)
def ask_cancel(visit: str) -> ResponseReturnValue:
    """Ask why a visit is cancelled."""
    found = get_visit(read_public_id(visit))
    form = CancelForm(formdata=None, data={"version": found.version})
    return _cancel_page(found, form)


@blueprint.post("/desk/visits/<visit>/cancel")
@allow(*DESK)
def cancel(visit: str) -> ResponseReturnValue:
    """Cancel a visit with its reason."""
    found = get_visit(read_public_id(visit))
    form = CancelForm()
    if not form.validate():
        return _cancel_page(found, form, status=422)
    try:
        done = take_step(
            public_id=found.public_id,
            action=Action.CANCEL,
            actor=current_actor(),
            now=now(),
            reason=form.reason.data,
            version=form.looked_at(),
        )
    except Refusal as refusal:
        form.form_errors.append(_stands(refusal, get_visit(found.public_id)))
        form.version.data = str(get_visit(found.public_id).version)
        return _cancel_page(found, form, status=refusal.status)
    return redirect(_address_of(done), 303)


def _look(*, seen: str = "", done: str = "", by_nobody: bool = False) -> DayView:
    """Read the day and put the look on record, unless the page shows all of it already."""
    at, setting, ask = now(), get_setting(), _ask()
    listed = list_day(day=ask.day, zone=ask.zone, location=ask.location, now=at)
    if seen != listed.digest and not by_nobody:
        record_look(
            action="desk.looked",
            actor=current_actor(),
            now=at,
            subject=f"day:{ask.day}",
            seen=(f"patient:{visit.patient}" for visit in listed.visits),
        )
    return present_day(listed=listed, ask=ask, setting=setting, now=at, done=done)


def day_page(
    notice: Notice | None = None, *, status: int = 200, reference: str = ""
) -> ResponseReturnValue:
    """The page of a day, with what could not be done."""
    view = _look(done=request.args.get("done", ""))
    return _printed(view, notice, reference=reference), status


def rehearse_today() -> None:
    """Print the day for nobody, and put no look on record: nobody sees it."""
    _printed(_look(by_nobody=True), None)


def _printed(view: DayView, notice: Notice | None, *, reference: str = "") -> str:
    walked = {name: request.form.get(name, "")[:200] for name in ("name", "born", "service")}
    return render_template(
        "desk/today.html", page=view, notice=notice, reference=reference, walked=walked
    )


def _ask() -> DayAsk:
    return read_day_ask(args=request.args, setting=get_setting(), now=now())


def _refused(refusal: Refusal, pressed: PressedStep) -> Notice:
    return Notice(_stands(refusal, get_visit(pressed.public_id)))


def _stands(refusal: Refusal, found: Visit) -> str:
    """Why nothing was done, with the visit's name and present state."""
    state = status_look(found.status, found.is_confirmed).word
    name = name_of(found)
    if isinstance(refusal, VersionMismatch):
        return str(
            _(
                "Somebody changed the visit of %(name)s meanwhile: it is now “%(state)s”. "
                "Nothing was done; look at it again.",
                name=name,
                state=state,
            )
        )
    return f"{name}: {_(refusal.message)}"


def _cancel_page(found: Visit, form: CancelForm, *, status: int = 200) -> ResponseReturnValue:
    subject = f"appointment:{found.public_id}"
    record_look(action="desk.looked", actor=current_actor(), now=now(), subject=subject)
    return render_template(
        "desk/ask_cancel.html",
        form=form,
        name=name_of(found),
        moment=f"{long_date(found.local.date())}, {local_time(found.starts_at, zone=found.zone)}",
        service=found.service_name,
        practitioner=found.practitioner_name,
        back_to=_address_of(found),
    ), status


def _address_of(found: Visit, *, is_done: bool = True) -> str:
    """The list on which the visit stands, with what was just done to it."""
    setting = get_setting()
    at = now()
    day = today_in(setting.zone, found.starts_at)
    ask = DayAsk(day=day, zone=setting.zone, today=today_in(setting.zone, at))
    done = {"done": found.public_id} if is_done else {}
    return f"{ask.address(**done)}#v-{found.public_id}"
