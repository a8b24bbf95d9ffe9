"""What time is blocked for, in words."""

from flask_babel import gettext as _


def block_words(kind: str) -> str:
    """`Lunch` of "lunch"; KeyError for a kind that we do not have."""
    words = {
        "lunch": _("Lunch"),
        "meeting": _("Meeting"),
        "paperwork": _("Paperwork"),
        "training": _("Training"),
        "away": _("Away"),
        "repair": _("Under repair"),
        "other": _("Blocked"),
    }
    return str(words[kind])
