"""Somebody at the counter without a visit."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.desk.forms.walk_in import read_walk_in
from clinic.desk.operations.walk_in import walk_in as come_in
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.desk.views.today import Notice, day_page
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.web.access import allow, current_actor


@blueprint.post("/desk/walk-in")
@allow(*DESK)
def walk_in() -> ResponseReturnValue:
    """Book the next free time of today and note the arrival, or look for another day."""
    at = now()
    ask = read_walk_in(values=request.form, setting=get_setting(), today=clinic_date(at))
    if ask.details is None:
        return day_page(Notice(_("The walk-in was not booked."), ask.fault), status=422)
    done = come_in(details=ask.details, service=ask.service, actor=current_actor(), now=at)
    if done.visit is None:
        return redirect(f"/desk/book?patient={done.patient}&service={ask.service}", 303)
    return redirect(f"/desk?done={done.visit.public_id}#v-{done.visit.public_id}", 303)
