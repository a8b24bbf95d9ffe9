"""What a page says before anything else."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Notice:
    """A bold line and the rest; ``kind`` as the component knows it."""

    title: str
    text: str = ""
    kind: str = "warn"


def notice_of(refusal: Refusal) -> Notice:
    """A refusal in its own words."""
    return Notice(_(refusal.message))
