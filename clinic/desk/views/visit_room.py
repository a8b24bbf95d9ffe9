"""What the page of a visit by video shows besides: its room, and the forms to change it by."""

from dataclasses import dataclass
from typing import Any

from flask import request

from clinic.core.clock import now
from clinic.desk.forms.video import LateForm, MeetingForm
from clinic.desk.presenters.video import present_room
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.telehealth.queries.guests import guest_path
from clinic.telehealth.queries.rooms import get_room


@dataclass(frozen=True, slots=True)
class RoomForms:
    """The forms of a visit's room as they were sent; those that were not are drawn anew."""

    meeting: MeetingForm | None = None
    late: LateForm | None = None


UNSENT = RoomForms()


def room_of(found: Visit, sent: RoomForms) -> dict[str, Any]:
    """The room for the template; None for a visit that is not by video."""
    room = get_room(found.public_id) if found.modality == "telehealth" else None
    given = {"address": room.given_meeting or ""} if room else {}
    return {
        "video": present_room(room=room, setting=get_setting(), now=now()) if room else None,
        "meeting": sent.meeting or MeetingForm(formdata=None, data=given),
        "late": sent.late or LateForm(formdata=None, data={"delay": 10}),
        "guest_path": guest_path(room) if room else "",
        "told": request.args.get("told", ""),
    }
