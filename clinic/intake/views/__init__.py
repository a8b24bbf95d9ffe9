"""Pages on which forms are filled in."""

from clinic.intake.views import checking, desk, entry, filling
from clinic.intake.views.blueprint import blueprint

__all__ = ["blueprint", "checking", "desk", "entry", "filling"]
