"""What the desk sees of a visit by video besides the visit itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.booking import moment_words
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.telehealth.queries.rooms import Room
from clinic.telehealth.rules.rooms import SEEN_WITHIN
from clinic.web.filters import local_time, phone


@dataclass(frozen=True, slots=True)
class RoomView:
    """Where a visit by video takes place, who waits there, and where the patient is today."""

    waits: str
    facts: tuple[tuple[str, str], ...]
    meeting: str
    how: str
    is_late: bool
    late: str


def present_room(*, room: Room, setting: Setting, now: datetime) -> RoomView:
    """The card of a visit's room as it stands now."""
    meeting = room.meeting(setting.policy.meeting_address)
    return RoomView(
        waits=_waits(room, now),
        facts=_facts(room, setting),
        meeting=meeting,
        how=_how(room, meeting),
        is_late=room.late_until is not None,
        late=_("The patient is told: about %(time)s", time=_time(room.late_until, setting))
        if room.late_until
        else "",
    )


def waiting_words(since: datetime, now: datetime) -> str:
    """`By video, 4 min`: since when somebody waits in front of the visit."""
    minutes = _minutes(since, now)
    return str(ngettext("By video, %(num)d min", "By video, %(num)d min", minutes))


def _waits(room: Room, now: datetime) -> str:
    if room.waiting_since is None or room.seen_at is None or room.seen_at < now - SEEN_WITHIN:
        return ""
    minutes = _minutes(room.waiting_since, now)
    return str(ngettext("Waits for %(num)d minute", "Waits for %(num)d minutes", minutes))


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, (now - since) // timedelta(minutes=1))


def _facts(room: Room, setting: Setting) -> tuple[tuple[str, str], ...]:
    if room.located_at is None:
        return ((_("Patient is at"), _("asked when they join")),)
    state = STATES.get(room.place_state or "", room.place_state or "")
    found = [
        (_("Patient is at"), ", ".join(filter(None, (room.place, state)))),
        (_("Reached under"), phone(room.phone) if room.phone else ""),
        (_("Said"), moment_words(room.located_at, setting.zone)),
    ]
    return tuple((str(label), words) for label, words in found if words)


def _how(room: Room, meeting: str) -> str:
    if room.given_meeting:
        return str(_("set for this visit"))
    if meeting:
        return str(_("made from the clinic's template"))
    return str(_("The clinic's file has no template for meetings: give this visit an address."))


def _time(at: datetime | None, setting: Setting) -> str:
    return local_time(at, zone=setting.zone) if at else ""
