"""The addresses of practitioners' calendars for the manager."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.scheduling.queries.feeds import FeedState
from clinic.web.filters import local_full_date


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One practitioner; ``since`` is "" without an address, ``address`` shown once."""

    name: str
    path: str
    since: str
    address: str


@dataclass(frozen=True, slots=True)
class FeedsView:
    """Everybody who works here."""

    lines: tuple[FeedLine, ...]


def present_feeds(
    *, states: Sequence[FeedState], zone: str, made_for: str, address: str
) -> FeedsView:
    """The lines by name; ``address`` is that of ``made_for``, just made."""
    return FeedsView(
        tuple(
            FeedLine(
                name=one.name,
                path=f"/desk/calendars/{one.slug}",
                since=local_full_date(one.made_at, zone=zone) if one.made_at else "",
                address=address if one.slug == made_for else "",
            )
            for one in states
        )
    )
