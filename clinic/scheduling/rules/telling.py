"""When a message about a visit is still news to its patient.

Every message tells how the visit stands when it is sent, so one that comes after another may have
nothing left to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

BOOKED = "visit-booked"
MOVED = "visit-moved"
CANCELLED = "visit-cancelled"
KINDS = (BOOKED, MOVED, CANCELLED)
REMINDER = "visit-reminder"
TELLABLE = {BOOKED: "booked", CANCELLED: "cancelled"}
"""Kind -> status of the visits to come that it tells, as they stand."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message about the same visit; ``sent_at`` is None when it has not gone out."""

    kind: str
    sent_at: datetime | None
    is_dropped: bool


def is_news(*, kind: str, posted_at: datetime, others: Sequence[Earlier]) -> bool:
    """Whether the patient does not know yet what a message would say; the oldest comes first.

    A cancelled visit is no news to somebody who never heard that it was booked (staff took their
    own slip back), and a visit that came back is none to somebody who never heard that it was gone.
    """
    last = next((one for one in reversed(others) if one.sent_at is not None), None)
    if last is None or last.sent_at is None:
        return _is_first_news(kind, others)
    if (last.kind == CANCELLED) != (kind == CANCELLED):
        return True
    return kind == MOVED and last.sent_at < posted_at


def _is_first_news(kind: str, others: Sequence[Earlier]) -> bool:
    """Nothing of these has gone out. A story that does not begin with the booking is that of a
    visit whose booking was told otherwise: with its series, or as the answer to a request."""
    first = next((one.kind for one in others), kind)
    if kind == CANCELLED:
        return first != BOOKED or not all(one.is_dropped for one in others if one.kind == BOOKED)
    return kind != BOOKED or first != CANCELLED
