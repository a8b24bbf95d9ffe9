"""The day's till: what was taken at the desk by means, and the drawer as somebody counted it."""

from datetime import date

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.desk.forms.calendar import read_day
from clinic.desk.forms.money import CountForm, MovementForm, number
from clinic.desk.presenters.till import TILL, present_till, till_file
from clinic.desk.queries.calendar import Span
from clinic.desk.views.blueprint import CASHIERS, blueprint
from clinic.payments.operations.till import Counted, TillDay, close_till, move_cash
from clinic.payments.queries.till import Till, get_till
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.web.access import allow, current_actor


@blueprint.get(TILL)
@allow(*CASHIERS)
def till() -> ResponseReturnValue:
    """What was taken and given back at the desk on a day, and whether the drawer fits."""
    return _page()


@blueprint.post(f"{TILL}/close")
@allow(*CASHIERS)
def close_day() -> ResponseReturnValue:
    """Close the day as it was counted; once more, it is another count."""
    form = CountForm()
    typed = form.read()
    if typed is None:
        return _page(count=form, status=422)
    counted = Counted(
        cents=typed[0],
        banked_cents=typed[1],
        expected_cents=_signed(form.expected.data or ""),
        seen=number(form.seen),
        note=typed[2],
    )
    try:
        close_till(
            till=_day(), counted=counted, actor=current_actor(), now=now(), key=form.own_key()
        )
    except Refusal as refusal:
        return _page(count=form, notice=_(refusal.message), status=refusal.status)
    return redirect(f"{TILL}?date={_day().day.isoformat()}&done=closed", 303)


@blueprint.post(f"{TILL}/movements")
@allow(*CASHIERS)
def move_in_drawer() -> ResponseReturnValue:
    """Note cash that was put in or taken out."""
    form = MovementForm()
    typed = form.read()
    if typed is None:
        return _page(movement=form, status=422)
    cents, what = typed
    day = _day().day
    move_cash(
        day=day, cents=cents, reason=what, actor=current_actor(), now=now(), key=form.own_key()
    )
    return redirect(f"{TILL}?date={day.isoformat()}&done=moved", 303)


@blueprint.get(f"{TILL}/till.csv")
@allow(*CASHIERS)
def till_csv() -> Response:
    """The day for a spreadsheet."""
    found = _look("till.exported")
    answer = Response(till_file(found, zone=get_setting().zone), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="till-{found.day}.csv"'
    return answer


def _day() -> TillDay:
    """The day in the address or the form; a day that has not come is today."""
    today = clinic_date(now())
    return _till_day(min(read_day(request.values, today), today))


def _till_day(day: date) -> TillDay:
    span = Span(day, day, get_setting().zone)
    return TillDay(day, span.begins, span.ends)


def _signed(text: str) -> int:
    """Cents that may be below nothing; -1 for what is no number."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else -1


def _look(action: str) -> Till:
    asked = _day()
    found = get_till(day=asked.day, begins=asked.begins, ends=asked.ends)
    record_look(
        action=action,
        actor=current_actor(),
        now=now(),
        subject=f"till:{asked.day}",
        seen=[f"patient:{one.patient}" for one in found.lines],
    )
    return found


def _page(
    *,
    count: CountForm | None = None,
    movement: MovementForm | None = None,
    notice: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    count, movement = count or CountForm(formdata=None), movement or MovementForm(formdata=None)
    for form in (count, movement):
        form.renew()
    view = present_till(till=_look("till.seen"), zone=get_setting().zone, today=clinic_date(now()))
    return render_template(
        "desk/till.html", page=view, count=count, movement=movement, notice=notice
    ), status
