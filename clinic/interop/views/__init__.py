"""The JSON API under /api/v1: one blueprint, a module for each noun."""

from clinic.interop.views import (
    appointments,
    catalogue,
    document,
    orders,
    series,
    slots,
    visit_requests,
    waitlist,
)
from clinic.interop.views.blueprint import blueprint

__all__ = [
    "appointments",
    "blueprint",
    "catalogue",
    "document",
    "orders",
    "series",
    "slots",
    "visit_requests",
    "waitlist",
]
