"""Booking and asking for everybody; a visit's and a request's own page behind a secret link."""

from clinic.scheduling.views import (
    booking,
    calendar,
    feeds,
    holds,
    longer,
    request_queue,
    request_triage,
    requests,
    telehealth,
    visits,
)
from clinic.scheduling.views.pages import blueprint

__all__ = [
    "blueprint",
    "booking",
    "calendar",
    "feeds",
    "holds",
    "longer",
    "request_queue",
    "request_triage",
    "requests",
    "telehealth",
    "visits",
]
