"""Visits that a patient asked for, as lines of their own pages."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.queries.links import request_token
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.web.filters import local_full_date


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request; ``href`` is its own page."""

    asked: str
    word: str
    icon: str
    href: str


ICONS = {
    "answered": "done",
    "offered": "calendar",
    "merged": "cross",
    "scheduled": "calendar",
    "declined": "no",
    "withdrawn": "cross",
    "visit-cancelled": "cross",
}


def present_request(request: RequestedVisit, *, zone: str) -> RequestLine:
    """When it was asked for, on the clinic's calendar (``zone``), and what became of it."""
    words = {
        "requested": _("We are working on it"),
        "answered": _("Answered"),
        "offered": _("Choose a time"),
        "merged": _("Joined with another"),
        "scheduled": _("Booked"),
        "visit-cancelled": _("Visit cancelled"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
    }
    token = request_token(request)
    return RequestLine(
        asked=local_full_date(request.created_at, zone=zone),
        word=str(words[request.stands]),
        icon=ICONS.get(request.stands, "hourglass"),
        href=f"/requests/{token}",
    )
