"""Patients' own pages at /portal."""

from clinic.portal.views import pages, sign_in
from clinic.portal.views.blueprint import blueprint

__all__ = ["blueprint", "pages", "sign_in"]
