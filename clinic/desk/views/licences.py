"""Licences at the desk: what lapses soon, and which visits by video it would strand."""

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.desk.presenters.licences import present_licences
from clinic.desk.queries.licences import list_licences
from clinic.desk.views.blueprint import blueprint
from clinic.scheduling.queries.setting import clinic_date
from clinic.web.access import allow, current_actor

PATH = "/desk/licences"
READERS = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)
"""Who moves visits or has licences renewed."""


@blueprint.get(PATH)
@allow(*READERS)
def licences() -> ResponseReturnValue:
    """Licences that end within 90 days, with the visits after their last day."""
    at = now()
    found = list_licences(now=at)
    if found.stranded:
        record_look(
            action="desk.looked",
            actor=current_actor(),
            now=at,
            subject="clinic",
            seen=[f"patient:{one.patient}" for one in found.stranded],
        )
    view = present_licences(found=found, today=clinic_date(at))
    return render_template("desk/licences.html", page=view)
