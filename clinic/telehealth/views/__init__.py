"""The page of a video visit for its patient, and the one for a guest of theirs."""

from clinic.telehealth.views import guests, video
from clinic.telehealth.views.blueprint import blueprint

__all__ = ["blueprint", "guests", "video"]
