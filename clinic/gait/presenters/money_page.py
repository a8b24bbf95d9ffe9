"""Money by week: bars with a table behind, and the book as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.gait.rules.book import Entry, WeekSum, by_week
from clinic.payments.queries.money import LedgerLine
from clinic.web.bars import BarsView, draw_bars
from clinic.web.filters import full_date, money, short_date
from clinic.web.spreadsheet import csv_text


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
    """Weeks drawn and listed."""

    drawn: BarsView
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
        drawn=draw_bars(
            [(one.sales, -one.refunds - one.disputes) for one in sums],
            labels=[short_date(one.monday).partition(", ")[2] for one in sums],
            unit="",
            highest=money(most, currency=currency),
        ),
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
