"""Holding a time a little longer, with what was typed kept on the page."""

from flask import redirect
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.scheduling.operations.extending import extend_hold
from clinic.scheduling.views.holds import (
    asked_booker,
    details_page,
    held_here,
    path_of,
    visitor_here,
)
from clinic.scheduling.views.pages import blueprint
from clinic.web.access import public
from clinic.web.limits import limit_booking


@blueprint.post("/book/<service>/<hold>/longer")
@public
def hold_longer(service: str, hold: str) -> ResponseReturnValue:
    """Hold the time once more; a form that was begun comes back as it was."""
    limit_booking()
    held = held_here(service, hold)
    extend_hold(public_id=held.public_id, visitor=visitor_here(), now=now())
    party = asked_booker()
    if held.visit is not None or not party.form.is_begun():
        return redirect(f"{path_of(held)}{party.query}", 303)
    return details_page(held_here(service, hold), party, now())
