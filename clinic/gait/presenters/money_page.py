"""Money by week: bars with a table behind, and the book as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.gait.rules.book import Entry, WeekSum, by_week, csv_text
from clinic.payments.queries.money import LedgerLine
from clinic.web.filters import full_date, money, short_date

HEIGHT, BASE, TOP = 220, 150, 20
STEP, BAR = 60, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the drawing, with its kind as a class."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words under a week's bars."""

    x: int
    text: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week in the table."""

    week: str
    sales: str
    refunds: str
    disputes: str
    net: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPage:
    """Weeks drawn and listed; `highest` says how high the axis goes."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    highest: str
    rows: tuple[WeekRow, ...]
    total: WeekRow
    csv_href: str
    earlier: str
    is_empty: bool


def present_money(
    *, lines: Sequence[LedgerLine], first: date, weeks: int, zone: str, currency: str
) -> MoneyPage:
    """Sales, refunds and disputes of so many weeks from a Monday on."""
    entries = [
        Entry(one.at.astimezone(ZoneInfo(zone)).date(), one.kind, one.cents) for one in lines
    ]
    sums = by_week(entries, first=first, weeks=weeks)
    most = max((max(one.sales, -one.refunds - one.disputes) for one in sums), default=0) or 1
    return MoneyPage(
        width=STEP * weeks + 20,
        height=HEIGHT,
        base=BASE,
        bars=tuple(bar for place, one in enumerate(sums) for bar in _bars(place, one, most)),
        labels=tuple(
            Label(20 + place * STEP + BAR // 2, short_date(one.monday).partition(", ")[2])
            for place, one in enumerate(sums)
        ),
        highest=money(most, currency=currency),
        rows=tuple(_row(one, full_date(one.monday), currency) for one in sums),
        total=_row(_sum(sums, first), str(_("All of it")), currency),
        csv_href=f"/desk/money/book.csv?from={first.isoformat()}",
        earlier=f"/desk/money?from={date.fromordinal(first.toordinal() - 7 * weeks).isoformat()}",
        is_empty=not lines,
    )


def book_file(lines: Sequence[LedgerLine], *, zone: str) -> str:
    """The book as CSV, one line an entry."""
    head = ("at", "kind", "amount", "currency", "order", "title", "reference")
    rows = [
        (
            one.at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
            one.kind,
            f"{one.cents / 100:.2f}",
            one.currency,
            one.order,
            one.title,
            one.reference,
        )
        for one in lines
    ]
    return csv_text([head, *rows])


def _bars(place: int, week: WeekSum, most: int) -> tuple[Bar, ...]:
    x = 20 + place * STEP
    up = round((BASE - TOP) * week.sales / most)
    back = round((BASE - TOP) * -(week.refunds + week.disputes) / most)
    bars = [Bar(x, BASE - up, up, "in")] if up > 0 else []
    if back > 0:
        bars.append(Bar(x + BAR, BASE - back, back, "out"))
    return tuple(bars)


def _sum(weeks: Sequence[WeekSum], first: date) -> WeekSum:
    return WeekSum(
        first,
        sum(one.sales for one in weeks),
        sum(one.refunds for one in weeks),
        sum(one.disputes for one in weeks),
    )


def _row(week: WeekSum, words: str, currency: str) -> WeekRow:
    return WeekRow(
        words,
        *(
            money(cents, currency=currency)
            for cents in (week.sales, week.refunds, week.disputes, week.net)
        ),
    )
