"""The day on paper."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.desk.forms.calendar import read_day
from clinic.desk.presenters.sheet import present_sheet
from clinic.desk.queries.sheet import list_sheet
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.web.access import allow, current_actor


@blueprint.get("/desk/day-sheet")
@allow(*DESK)
def day_sheet() -> ResponseReturnValue:
    """The visits of a day with birth dates and phone numbers, to be printed."""
    at, setting = now(), get_setting()
    day = read_day(request.args, clinic_date(at))
    rows = list_sheet(day=day, zone=setting.zone)
    record_look(
        action="desk.printed",
        actor=current_actor(),
        now=at,
        subject=f"day:{day}",
        seen=[f"patient:{row.visit.patient}" for row in rows],
    )
    view = present_sheet(rows=rows, day=day, setting=setting, now=at)
    return render_template("desk/day_sheet.html", page=view)
