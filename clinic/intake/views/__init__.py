"""Pages on which forms are filled in, and on which staff read them."""

from clinic.intake.views import (
    checking,
    desk,
    desk_links,
    drafts,
    entry,
    filling,
    manager,
    papers,
    reading,
    safety,
    saving,
    signatures,
    stops,
)
from clinic.intake.views.blueprint import blueprint

__all__ = [
    "blueprint",
    "checking",
    "desk",
    "desk_links",
    "drafts",
    "entry",
    "filling",
    "manager",
    "papers",
    "reading",
    "safety",
    "saving",
    "signatures",
    "stops",
]
