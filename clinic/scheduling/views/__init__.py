"""Booking and asking for everybody; a visit's and a request's own page behind a secret link."""

from clinic.scheduling.views import (
    booking,
    calendar,
    holds,
    longer,
    request_queue,
    requests,
    visits,
)
from clinic.scheduling.views.pages import blueprint
from clinic.scheduling.views.request_queue import REQUEST_DESK

__all__ = [
    "REQUEST_DESK",
    "blueprint",
    "booking",
    "calendar",
    "holds",
    "longer",
    "request_queue",
    "requests",
    "visits",
]
