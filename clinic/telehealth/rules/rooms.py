"""When a video visit's page opens, how it stands, and where it leads. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

STAYS_OPEN = timedelta(hours=1)
"""A visit that runs late is still found behind its page."""
SEEN_WITHIN = timedelta(seconds=90)
"""Whose page was silent for longer does not wait any more: it speaks every 30 seconds."""
LONGEST_ADDRESS = 300
LONGEST_DELAY_MINUTES = 240


class Stage(StrEnum):
    """How a video visit stands for its patient."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Times:
    """From when to when a visit is, and how many minutes before it begins its page opens."""

    starts_at: datetime
    ends_at: datetime
    opens_minutes: int

    @property
    def opens_at(self) -> datetime:
        """When the page opens."""
        return self.starts_at - timedelta(minutes=self.opens_minutes)


def stage_of(*, status: str, times: Times, now: datetime) -> Stage:
    """How the visit stands: a cancelled one is never early, and one that was held is over."""
    if status in {"cancelled", "noshow"}:
        return Stage.CANCELLED
    if status == "fulfilled" or now >= times.ends_at + STAYS_OPEN:
        return Stage.OVER
    return Stage.OPEN if now >= times.opens_at else Stage.EARLY


def is_meeting_address(text: str) -> bool:
    """Whether a text can be the address of a meeting: https, a host, no name or password in it."""
    if len(text) > LONGEST_ADDRESS or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc


def meeting_of(*, given: str | None, template: str, code: str) -> str:
    """Where a visit takes place: where staff said, else by the template; "" for nowhere yet."""
    if given:
        return given
    return template.replace("{visit}", code) if template else ""
