"""Pages on which forms are filled in."""

from clinic.intake.views import desk, entry, filling
from clinic.intake.views.blueprint import blueprint

__all__ = ["blueprint", "desk", "entry", "filling"]
