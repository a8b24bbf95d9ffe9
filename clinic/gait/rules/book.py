"""The book of a span of weeks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the book: the local day, what kind, and positive or negative cents."""

    day: date
    kind: str
    cents: int


@dataclass(frozen=True, slots=True)
class WeekSum:
    """A week that begins on that Monday, in cents: what came in, went back, was disputed."""

    monday: date
    sales: int
    refunds: int
    disputes: int

    @property
    def net(self) -> int:
        """What stayed."""
        return self.sales + self.refunds + self.disputes


def by_week(entries: Iterable[Entry], *, first: date, weeks: int) -> tuple[WeekSum, ...]:
    """Every week from that Monday on, empty ones too; entries outside are left out."""
    sums = {first + n * WEEK: [0, 0, 0] for n in range(weeks)}
    places = {"payment": 0, "refund": 1, "refund-returned": 1, "dispute": 2, "dispute-returned": 2}
    for entry in entries:
        monday = entry.day - timedelta(days=entry.day.weekday())
        if monday in sums and entry.kind in places:
            sums[monday][places[entry.kind]] += entry.cents
    return tuple(WeekSum(monday, *found) for monday, found in sums.items())
