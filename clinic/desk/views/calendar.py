"""The calendar: a day by practitioner or by room, a week of one practitioner."""

from datetime import datetime

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.desk.forms.calendar import read_calendar_ask
from clinic.desk.presenters.calendar import CalendarView, present_calendar
from clinic.desk.presenters.calendar_asking import CalendarAsk
from clinic.desk.presenters.calendar_frame import present_frame
from clinic.desk.queries.calendar import list_diary
from clinic.desk.queries.pulse import pulse_of
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.setting import Setting
from clinic.web.access import allow, current_actor
from clinic.web.packing import packed


@blueprint.get("/desk/calendar")
@allow(*DESK)
@packed
def calendar() -> ResponseReturnValue:
    """The calendar with its ways to other days."""
    at, setting = now(), get_setting()
    ask = read_calendar_ask(args=request.args, setting=setting, now=at)
    pulse = _pulse(ask, setting, at)
    return render_template(
        "desk/calendar.html",
        page=present_frame(ask=ask, setting=setting, pulse=pulse),
        grid=_look(ask, setting, at),
    )


@blueprint.get("/desk/calendar/grid")
@allow(*DESK)
@packed
def calendar_grid() -> ResponseReturnValue:
    """The grid alone, for a page that keeps itself current; 204 when it shows all of it."""
    at, setting = now(), get_setting()
    ask = read_calendar_ask(args=request.args, setting=setting, now=at)
    pulse = _pulse(ask, setting, at)
    if request.args.get("pulse") == pulse:
        return Response(status=204)
    page = render_template("desk/calendar_grid.html", grid=_look(ask, setting, at))
    return Response(page, headers={"X-Pulse": pulse})


def _pulse(ask: CalendarAsk, setting: Setting, at: datetime) -> str:
    span = ask.span
    return pulse_of(begins=span.begins, ends=span.ends, version=setting.version, now=at)


def _look(ask: CalendarAsk, setting: Setting, at: datetime) -> CalendarView:
    diary = list_diary(span=ask.span, practitioner=ask.practitioner, now=at)
    if request.args.get("seen") != diary.digest:
        record_look(
            action="desk.looked",
            actor=current_actor(),
            now=at,
            subject=f"day:{ask.day}",
            seen=(f"patient:{visit.patient}" for visit in diary.visits),
        )
    return present_calendar(ask=ask, setting=setting, diary=diary, now=at)
