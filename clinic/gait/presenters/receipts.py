"""A receipt as a PDF: what health accounts and insurers ask for, and nothing of why.

A health account asks who was seen, when, by whom, for what, and how much was paid (IRS Publication
502 and the substantiation rules of 26 CFR 1.125-6): date of service, provider, patient, service
and amount all stand on it.
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.gait.presenters.orders import method_words
from clinic.payments.queries.money import ReceiptSeen
from clinic.payments.queries.orders import OrderSeen
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import full_date, money
from clinic.web.filters import phone as phone_words
from clinic.web.pages import page_language
from clinic.web.pdf import render_pdf


def receipt_file(
    *,
    receipt: ReceiptSeen,
    others: Sequence[ReceiptSeen],
    order: OrderSeen,
    visit: Visit | None,
    code: str,
    setting: Setting,
) -> bytes:
    """The PDF. ``others`` are all receipts of the order: what went back later is told, too."""
    title = str(_("Refund receipt") if receipt.cents < 0 else _("Receipt"))
    return render_pdf(
        "receipt",
        data={
            "title": f"{title} {receipt.number}",
            "language": page_language(),
            "clinic": _clinic(setting, visit),
            "lead": _lead(receipt),
            "facts": _facts(receipt, order, visit, code, setting),
            "lines": _lines(receipt, order),
            "totals": _totals(receipt, others),
            "notes": _notes(receipt, visit),
            "words": {
                "page": str(_("Page")),
                "items": str(_("What it is for")),
                "what": str(_("Service")),
                "amount": str(_("Amount")),
            },
        },
        made_at=receipt.issued_at,
    )


def _clinic(setting: Setting, visit: Visit | None) -> dict[str, Any]:
    place = next(iter(setting.locations.values()), None)
    address = visit.address if visit else place.address if place else ""
    return {
        "name": setting.name,
        "phone": phone_words(setting.phone),
        "address": address.splitlines(),
    }


def _lead(receipt: ReceiptSeen) -> str:
    amount = money(abs(receipt.cents), currency=receipt.currency)
    if receipt.cents < 0:
        return str(_("We gave back %(amount)s.", amount=amount))
    return str(_("We received %(amount)s. Thank you.", amount=amount))


def _facts(
    receipt: ReceiptSeen, order: OrderSeen, visit: Visit | None, code: str, setting: Setting
) -> list[list[str]]:
    zone = ZoneInfo(setting.zone)
    issued = full_date(receipt.issued_at.astimezone(zone).date())
    pairs = [
        (_("Receipt"), str(receipt.number)),
        (_("Order"), code),
        (_("Date"), issued),
        (_("Patient"), order.name),
        (_("Date of service"), _date_of_service(visit)),
        (_("Provider"), visit.practitioner_name if visit else setting.name),
    ]
    method = receipt.facts.get("method")
    if receipt.cents >= 0 and method:
        pairs.append((_("Paid"), method_words(str(method))))
    return [[str(name), str(value)] for name, value in pairs]


def _date_of_service(visit: Visit | None) -> str:
    if visit is None or visit.status in {"cancelled", "noshow"}:
        return str(_("No visit has taken place yet"))
    day = full_date(visit.local.date())
    return day if visit.status == "fulfilled" else str(_("Booked for %(day)s", day=day))


def _lines(receipt: ReceiptSeen, order: OrderSeen) -> list[list[str]]:
    def said(cents: int) -> str:
        return money(cents, currency=receipt.currency)

    facts = receipt.facts
    name = str(facts.get("title") or order.title)
    if receipt.cents < 0:
        return [[str(_("Given back: %(name)s", name=name)), said(receipt.cents)]]
    discount, tax = int(facts.get("discount_cents") or 0), int(facts.get("tax_cents") or 0)
    price = receipt.cents + discount - tax
    lines = [[name, said(price)]]
    if discount:
        lines.append([str(_("Discount")), said(-discount)])
    if tax:
        lines.append([str(_("Tax")), said(tax)])
    return lines


def _totals(receipt: ReceiptSeen, others: Sequence[ReceiptSeen]) -> list[list[str]]:
    def said(cents: int) -> str:
        return money(cents, currency=receipt.currency)

    if receipt.cents < 0:
        return [[str(_("Given back")), said(-receipt.cents)]]
    totals = [[str(_("Paid")), said(receipt.cents)]]
    back = [one for one in others if one.cents < 0]
    for one in back:
        words = _("Given back, receipt %(number)s", number=one.number)
        totals.append([str(words), said(one.cents)])
    if back:
        kept = receipt.cents + sum(one.cents for one in back)
        totals.append([str(_("Paid in the end")), said(kept)])
    return totals


def _notes(receipt: ReceiptSeen, visit: Visit | None) -> list[str]:
    notes = [
        str(_("For your insurer or health account. Whether they pay is theirs to decide.")),
    ]
    if receipt.cents > 0 and (visit is None or visit.status != "fulfilled"):
        notes.append(
            str(_("Fetch it again after your visit: it then names the date of service.")),
        )
    return notes
