"""Patients' own pages at /portal."""

from clinic.portal.views import calendars, contact, guardians, own_data, pages, sign_in
from clinic.portal.views.blueprint import blueprint
from clinic.portal.views.guardians import GUARDIAN_DESK, GUARDIANS

__all__ = [
    "GUARDIANS",
    "GUARDIAN_DESK",
    "blueprint",
    "calendars",
    "contact",
    "guardians",
    "own_data",
    "pages",
    "sign_in",
]
