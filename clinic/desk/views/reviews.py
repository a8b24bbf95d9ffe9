"""The queue of visits that a clinician must read first."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.desk.presenters.reviews import QUEUE, present_reviews
from clinic.desk.queries.reviews import list_reviews
from clinic.desk.views.blueprint import blueprint
from clinic.scheduling.operations.reviewing import clear_review
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor

READERS = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)


@blueprint.get(QUEUE)
@allow(*READERS)
def reviews() -> ResponseReturnValue:
    """Visits whose patients answered something that a clinician must read first."""
    return _page()


@blueprint.post(f"{QUEUE}/<visit>/clear")
@allow(Role.CLINICIAN)
def clear(visit: str) -> ResponseReturnValue:
    """Let a visit take place, or say what stands against it."""
    try:
        clear_review(visit=read_public_id(visit), actor=current_actor(), now=now())
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _page(words=_(refusal.message), status=refusal.status)
    return redirect(f"{QUEUE}?done=cleared", 303)


def _page(*, words: str = "", status: int = 200) -> ResponseReturnValue:
    found, actor = list_reviews(), current_actor()
    if found:
        seen = [f"patient:{one.visit.patient}" for one in found]
        record_look(action="desk.reviews-listed", actor=actor, now=now(), seen=seen)
    rows = present_reviews(found, is_clinician=actor.role is Role.CLINICIAN)
    return render_template("desk/reviews.html", rows=rows, words=words), status
