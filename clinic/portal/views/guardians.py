"""The desk's page of guardians: whom to believe, and whose access ends."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.portal.operations.guardians import confirm_guardian, end_guardian
from clinic.portal.presenters.guardians import present_guardians
from clinic.portal.queries.guardians import list_guardians
from clinic.portal.views.blueprint import blueprint
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor

GUARDIANS = "/desk/guardians"
GUARDIAN_DESK = (Role.ADMIN, Role.FRONT_DESK)


@blueprint.get(GUARDIANS)
@allow(*GUARDIAN_DESK)
def guardians() -> ResponseReturnValue:
    """Who acts for which child, those first who wait to be confirmed."""
    at = now()
    found = list_guardians(today=clinic_date(at))
    record_look(
        action="guardians.listed",
        actor=current_actor(),
        now=at,
        seen=(f"patient:{one.patient}" for one in found),
    )
    lines = present_guardians(found, path=GUARDIANS, zone=get_setting().zone)
    return render_template("portal/guardians.html", lines=lines)


@blueprint.post(f"{GUARDIANS}/<guardian>/confirm")
@allow(*GUARDIAN_DESK)
def confirm(guardian: str) -> ResponseReturnValue:
    """Let somebody act for the child whom the desk has asked who they are."""
    confirm_guardian(public_id=read_public_id(guardian), actor=current_actor(), now=now())
    return redirect(GUARDIANS, 303)


@blueprint.post(f"{GUARDIANS}/<guardian>/end")
@allow(*GUARDIAN_DESK)
def end(guardian: str) -> ResponseReturnValue:
    """Refuse somebody, or end their access."""
    end_guardian(public_id=read_public_id(guardian), actor=current_actor(), now=now())
    return redirect(GUARDIANS, 303)
