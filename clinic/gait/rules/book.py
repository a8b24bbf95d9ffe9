"""The book of a span of weeks, and a file that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection)."""


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


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as RFC 4180 text. Amounts may begin with a minus: they must be numbers to be left."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if _is_amount(cell) else safe_cell(cell) for cell in row])
    return out.getvalue()


def _is_amount(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdecimal() and cell.isascii()
