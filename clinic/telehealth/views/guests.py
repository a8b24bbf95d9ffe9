"""The waiting room of a guest: a relative or an interpreter who joins a video visit.

The link opens this page and nothing else: no name, no reason, nothing to change.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.scheduling.queries.setting import get_setting
from clinic.telehealth.presenters import present_guest_room
from clinic.telehealth.queries.guests import get_room_for_guest
from clinic.telehealth.views.blueprint import blueprint
from clinic.telehealth.views.video import answer_state
from clinic.web.access import public


@blueprint.get("/guests/<token>")
@public
def guest_room(token: str) -> ResponseReturnValue:
    """Early, waiting, late, open, over or cancelled, as the patient's own page says it."""
    room = get_room_for_guest(token, now=now())
    view = present_guest_room(room=room, setting=get_setting(), now=now())
    return render_template("telehealth/guest.html", room=view, token=token)


@blueprint.get("/guests/<token>/state")
@public
def guest_state(token: str) -> ResponseReturnValue:
    """What that page compares every few seconds."""
    return answer_state(get_room_for_guest(token, now=now()))
