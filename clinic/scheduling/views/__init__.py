"""Booking for everybody at /book, and a visit's own page at /visits/<token>."""

from clinic.scheduling.views import booking, calendar, holds, visits
from clinic.scheduling.views.pages import blueprint

__all__ = ["blueprint", "booking", "calendar", "holds", "visits"]
