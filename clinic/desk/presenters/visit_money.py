"""What a visit costs and what was paid for it, ready to print."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.desk.queries.visit_ledger import PaymentLine, VisitLedger
from clinic.scheduling.queries.visits import Visit
from clinic.web.filters import local_date, local_time, money

ORDERS = "/desk/orders"


@dataclass(frozen=True, slots=True)
class PaidView:
    """A payment in one line; where its receipt and its order are read."""

    text: str
    by: str
    receipt: str
    receipt_href: str
    order_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMoneyView:
    """The part of a visit's page about money. What may not be done has no address."""

    facts: tuple[tuple[str, str], ...]
    payments: tuple[PaidView, ...]
    reason: str
    left: str
    left_cents: int
    too_much: str
    order_href: str
    asked_href: str
    take: str
    link: str
    charge: str


def present_visit_money(*, visit: Visit, ledger: VisitLedger, may_take: bool) -> VisitMoneyView:
    """The part; ``may_take`` is for those who take money."""
    found, path = ledger.money, f"/desk/visits/{visit.public_id}"
    is_ours = may_take and not (found and found.is_bought)
    left = found.left_cents if found else 0
    may_ask = is_ours and left > 0 and ledger.asked_by is None and bool(ledger.email)
    return VisitMoneyView(
        facts=_facts(visit, ledger),
        payments=tuple(_paid(one, visit.zone) for one in ledger.payments),
        reason=f"{ledger.charge.by}: {ledger.charge.reason}" if ledger.charge else "",
        left=money(left) if left else "",
        left_cents=left,
        too_much=money(found.too_much_cents) if found and found.too_much_cents else "",
        order_href=f"{ORDERS}/{ledger.bought_by}" if ledger.bought_by else "",
        asked_href=f"{ORDERS}/{ledger.asked_by}" if ledger.asked_by else "",
        take=f"{path}/payment" if is_ours and left > 0 else "",
        link=f"{path}/payment-link" if may_ask else "",
        charge=f"{path}/charge" if is_ours else "",
    )


def _facts(visit: Visit, ledger: VisitLedger) -> tuple[tuple[str, str], ...]:
    found = ledger.money
    if found is None:
        cost = money(ledger.charge.cents if ledger.charge else visit.agreed_cents or 0)
        return ((str(_("Due")), str(_("Nothing")) if visit.status != "booked" else cost),)
    return (
        (str(_("Due")), money(found.cost_cents)),
        (str(_("Paid")), money(found.paid_cents)),
        (str(_("Left")), money(found.left_cents)),
    )


def means_words(means: str) -> str:
    """How money was paid, short."""
    words = {"cash": _("cash"), "terminal": _("card at the terminal"), "stripe": _("online")}
    return str(words.get(means, means))


def _paid(one: PaymentLine, zone: str) -> PaidView:
    text = f"{money(one.cents)}, {means_words(one.method)}"
    if one.reference:
        text = f"{text} {one.reference}"
    if one.refunded_cents:
        text = f"{text}, {_('%(sum)s given back', sum=money(one.refunded_cents))}"
    when = f"{local_date(one.at, zone=zone)}, {local_time(one.at, zone=zone)}"
    receipt = f"{ORDERS}/{one.order}/receipts/{one.receipt}" if one.receipt else ""
    return PaidView(
        text=text,
        by=f"{when}, {one.by}",
        receipt=str(_("Receipt %(number)s (PDF)", number=one.number)) if receipt else "",
        receipt_href=receipt,
        order_href=f"{ORDERS}/{one.order}",
    )
