"""Booking and asking for everybody; the pages behind secret links, and the queues."""

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
    waitlist,
    waitlist_desk,
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
    "waitlist",
    "waitlist_desk",
]
