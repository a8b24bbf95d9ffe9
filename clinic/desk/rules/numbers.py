"""The period that the manager's numbers are of, and its weeks. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LONGEST = timedelta(days=366)
USUAL_WEEKS = 12
LEAD_DAYS = (1, 3, 7, 14)
"""Where the classes of lead time end, in days; the last class has no end."""


ANSWER_HOURS = (1, 4, 24, 72)
"""Where the classes of the time to a first answer end, in hours; the last class has no end."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included. ``is_cut``: more was asked for than a year."""

    first: date
    last: date
    is_cut: bool = False

    @property
    def weeks(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each Monday-to-Sunday week, cut where the period ends."""
        found, day = [], self.first
        while day <= self.last:
            sunday = day + timedelta(days=6 - day.weekday())
            found.append((day, min(sunday, self.last)))
            day = sunday + DAY
        return tuple(found)


def period_of(*, first: date | None, last: date | None, today: date) -> Period:
    """What was asked for, in order and at most a year (its end stays); else twelve weeks."""
    last = last or (max(first, today) if first else today)
    usual = last - timedelta(days=last.weekday()) - (USUAL_WEEKS - 1) * WEEK
    first, last = sorted((first or usual, last))
    earliest = last - LONGEST + DAY
    return Period(max(first, earliest), last, is_cut=first < earliest)


def percent(part: int, whole: int) -> int | None:
    """Rounded hundredths; None where there is no whole."""
    return round(100 * part / whole) if whole else None
