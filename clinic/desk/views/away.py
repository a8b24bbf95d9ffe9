"""A practitioner is away today: see who is stranded, move or cancel them all, tell the patients."""

from collections.abc import Sequence
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.desk.forms.away import read_choices
from clinic.desk.forms.booking import read_reason
from clinic.desk.forms.calendar import read_day
from clinic.desk.operations.away import Outcome, clear_day
from clinic.desk.presenters.away import present_away
from clinic.desk.queries.away import list_stranded
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.web.access import allow, current_actor


@blueprint.get("/desk/away")
@allow(*DESK)
def away() -> ResponseReturnValue:
    """The visits of the day, each with the nearest other time."""
    practitioner, day = _asked()
    return _page(practitioner, day)


@blueprint.post("/desk/away")
@allow(*DESK)
def clear_away() -> ResponseReturnValue:
    """Block the day, do what was chosen for each visit, and show what is left."""
    practitioner, day = _asked()
    setting = get_setting()
    outcomes = clear_day(
        practitioner=practitioner,
        day=day,
        zone=setting.zone,
        choices=read_choices(request.form),
        reason=read_reason(request.form.get("reason", "")) or _("The practitioner is away."),
        actor=current_actor(),
        now=now(),
    )
    failed = any(one.refusal for one in outcomes)
    return _page(practitioner, day, outcomes, status=409 if failed else 200)


def _asked() -> tuple[str, date]:
    setting, at = get_setting(), now()
    who = request.values.get("practitioner") or next(iter(setting.practitioners), "")
    if who not in setting.practitioners:
        raise NotFound
    return who, read_day(request.values, clinic_date(at))


def _page(
    practitioner: str, day: date, outcomes: Sequence[Outcome] = (), *, status: int = 200
) -> ResponseReturnValue:
    setting, at = get_setting(), now()
    stranded = list_stranded(practitioner=practitioner, day=day, zone=setting.zone, now=at)
    record_look(
        action="desk.looked",
        actor=current_actor(),
        now=at,
        subject=f"day:{day}",
        seen=[f"patient:{one.visit.patient}" for one in stranded],
    )
    view = present_away(
        stranded=stranded, practitioner=practitioner, day=day, setting=setting, outcomes=outcomes
    )
    return render_template("desk/away.html", page=view), status
