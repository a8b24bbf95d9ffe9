"""The front desk: the day, the calendar, search and booking."""

from clinic.desk.views import (
    away,
    blocks,
    booking,
    calendar,
    giving,
    licences,
    merging,
    messages,
    numbers,
    record,
    reviews,
    search,
    sheet,
    today,
    visits,
    walk_in,
)
from clinic.desk.views.blueprint import DESK, blueprint

__all__ = [
    "DESK",
    "away",
    "blocks",
    "blueprint",
    "booking",
    "calendar",
    "giving",
    "licences",
    "merging",
    "messages",
    "numbers",
    "record",
    "reviews",
    "search",
    "sheet",
    "today",
    "visits",
    "walk_in",
]
