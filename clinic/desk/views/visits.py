"""One visit at the desk: what it is, its steps, and another time for it."""

from collections.abc import Mapping
from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.desk.forms.calendar import read_change
from clinic.desk.presenters.booking import RefusalView, present_refusal
from clinic.desk.presenters.visit import present_visit
from clinic.desk.queries.booking import desk_query, explain
from clinic.desk.views.blueprint import DESK, blueprint, wants_fragment
from clinic.desk.views.visit_page import visit_page
from clinic.people.queries import get_patient
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import SlotTaken, VersionMismatch
from clinic.scheduling.queries.diary import seconds
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.setting import with_length
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor
from clinic.web.status import status_look

EXPLAINED = frozenset({"slot-taken", "not-offered", "not-licensed", "too-soon", "patient-busy"})


@blueprint.get("/desk/visits/<visit>")
@allow(*DESK)
def visit_card(visit: str) -> ResponseReturnValue:
    """Who, what, with whom and where; its steps, and a form to move it."""
    return visit_page(get_visit(read_public_id(visit)), request.args)


@blueprint.post("/desk/visits/<visit>/move")
@allow(*DESK)
def move_visit(visit: str) -> ResponseReturnValue:
    """Move or stretch a visit, or say why not and what is free instead.

    A script that asks for a fragment hears the refusal alone, or 204 with the version
    that a move back would name.
    """
    found = get_visit(read_public_id(visit))
    change = read_change(values=request.form, visit=found)
    if change is None:
        refusal = RefusalView(_("Type a date and a time of day."), (), (), "", False, False)
        return _answer(found, refusal, 422)
    try:
        moved = move_appointment(
            public_id=found.public_id, change=change, actor=current_actor(), now=now()
        )
    except Refusal as declined:
        stands = get_visit(found.public_id)
        return _answer(stands, _refused(declined, stands, change), declined.status)
    if wants_fragment():
        return "", 204, {"X-Version": str(moved.version)}
    return redirect(f"/desk/visits/{found.public_id}?moved=1", 303)


def _answer(found: Visit, refusal: RefusalView, status: int) -> ResponseReturnValue:
    if not wants_fragment():
        return visit_page(found, request.form, refusal=refusal, status=status)
    view = present_visit(visit=found, setting=get_setting(), now=now(), values=request.form)
    return render_template("desk/move_refused.html", page=view, refusal=refusal), status


def _refused(declined: Refusal, stands: Visit, change: Change) -> RefusalView:
    if isinstance(declined, VersionMismatch):
        return _changed_meanwhile(stands)
    if declined.code not in EXPLAINED:
        return RefusalView(str(_(declined.message)), _details(declined), (), "", False, False)
    query = _query(stands, change)
    start = seconds(change.starts_at or stands.starts_at)
    found = explain(
        query=query,
        start=start,
        now=now(),
        patient_id=get_patient(public_id=stands.patient).id,
        without=(stands.occurrence_id,),
    )
    return present_refusal(
        refused=found,
        query=query,
        start=start,
        alternatives=declined.alternatives if isinstance(declined, SlotTaken) else (),
        patient=stands.given_name,
        needs_reason="insist" in request.form,
    )


def _details(declined: Refusal) -> tuple[str, ...]:
    errors: Mapping[str, list[str]] = declined.details.get("errors", {})
    return tuple(str(_(line)) for lines in errors.values() for line in lines)


def _changed_meanwhile(stands: Visit) -> RefusalView:
    view = present_visit(visit=stands, setting=get_setting(), now=now(), values={})
    look = status_look(stands.status, stands.is_confirmed)
    line = _(
        "It is now %(moment)s with %(who)s, “%(state)s”. Look again, then repeat your change.",
        moment=view.moment,
        who=stands.practitioner_name.partition(",")[0],
        state=look.word,
    )
    title = _("Somebody changed the visit of %(name)s meanwhile. Nothing was done.", name=view.name)
    return RefusalView(str(title), (str(line),), (), "", False, False)


def _query(stands: Visit, change: Change) -> Query:
    query = desk_query(
        setting=get_setting(),
        service=stands.service,
        practitioner=change.practitioner or stands.practitioner,
        location=stands.location,
        state=stands.patient_state,
        now=now(),
    )
    lasts = change.minutes or stands.minutes
    return replace(query, setting=with_length(query.setting, stands.service, lasts))
