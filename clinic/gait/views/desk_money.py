"""Money for the manager: by week, and as a file."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.gait.presenters.money_page import book_file, present_money
from clinic.gait.views.blueprint import blueprint
from clinic.payments.queries.money import LedgerLine, list_ledger
from clinic.payments.queries.orders import list_tasks
from clinic.scheduling.queries.setting import clinic_date, currency, get_setting
from clinic.scheduling.rules.week_address import read_date
from clinic.web.access import allow, current_actor

MANAGERS = (Role.ADMIN,)
WEEKS = 12
UNSETTLED = frozenset({"amount-mismatch", "duplicate-payment", "external-refund", "unknown-order"})


@blueprint.get("/desk/money")
@allow(*MANAGERS)
def money_by_week() -> ResponseReturnValue:
    """Sales, refunds and disputes of twelve weeks, drawn and listed; what is unreconciled."""
    first = _first()
    page = present_money(
        lines=_book(first),
        first=first,
        weeks=WEEKS,
        zone=get_setting().zone,
        currency=currency(),
    )
    open_ones = [one for one in list_tasks() if one.code in UNSETTLED]
    return render_template("gait/desk_money.html", page=page, unsettled=len(open_ones))


@blueprint.get("/desk/money/book.csv")
@allow(*MANAGERS)
def money_book() -> Response:
    """The book of those weeks for a spreadsheet; names no patient, and is on record."""
    lines, at = _book(_first()), now()
    record_look(action="money.exported", actor=current_actor(), now=at, subject="money:book")
    answer = Response(book_file(lines, zone=get_setting().zone), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="money.csv"'
    return answer


def _first() -> date:
    """The Monday that twelve weeks begin with: the one asked for, or so that today is in them."""
    today = clinic_date(now())
    asked = read_date(request.args.get("from", ""))
    day = min(asked, today) if asked else today - timedelta(weeks=WEEKS - 1)
    return day - timedelta(days=day.weekday())


def _book(first: date) -> tuple[LedgerLine, ...]:
    zone = ZoneInfo(get_setting().zone)
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = first + timedelta(weeks=WEEKS)
    until = datetime(after.year, after.month, after.day, tzinfo=zone)
    return list_ledger(since=since, until=until)
