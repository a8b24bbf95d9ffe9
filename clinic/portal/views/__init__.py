"""Patients' own pages at /portal."""

from clinic.portal.views import own_data, pages, sign_in
from clinic.portal.views.blueprint import blueprint

__all__ = ["blueprint", "own_data", "pages", "sign_in"]
