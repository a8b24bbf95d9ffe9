"""What a patient waits for, as lines of their own pages."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.queries.links import waitlist_token
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.scheduling.rules.waitlist import OPEN

ICONS = {
    "time-offered": "calendar",
    "booked": "done",
    "expired": "cross",
    "withdrawn": "cross",
    "visit-cancelled": "cross",
}


@dataclass(frozen=True, slots=True)
class WaitLine:
    """One entry; ``href`` is its own page, ``leave_href`` where one leaves the list."""

    service: str
    word: str
    icon: str
    href: str
    leave_href: str


def present_wait(entry: WaitingEntry) -> WaitLine:
    """For what one waits, and how it stands."""
    words = {
        "waiting": _("Waiting"),
        "time-offered": _("A time is free for you"),
        "booked": _("Booked"),
        "visit-cancelled": _("Visit cancelled"),
        "expired": _("Over"),
        "withdrawn": _("Left"),
    }
    token = waitlist_token(entry)
    return WaitLine(
        service=entry.service_name,
        word=str(words[entry.stands]),
        icon=ICONS.get(entry.stands, "hourglass"),
        href=f"/waitlist/{token}",
        leave_href=f"/waitlist/{token}/leave" if entry.status in OPEN else "",
    )
