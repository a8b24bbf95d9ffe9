"""An order as its buyer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

from flask_babel import gettext as _

from clinic.documents.queries import StoredDocument
from clinic.gait.presenters.times import long_moment, moment
from clinic.gait.presenters.truths import Standing, Truth
from clinic.gait.queries.orders import GaitOrderSeen
from clinic.payments.queries.money import PaymentSeen, ReceiptSeen, RefundSeen
from clinic.payments.queries.orders import OrderSeen
from clinic.payments.rules.states import Status
from clinic.scheduling.queries.visits import Visit
from clinic.web.filters import money, short_date

FREE = frozenset(
    {Standing.CHOOSE, Standing.BOOKED, Standing.TO_PAY, Standing.FAILED, Standing.PAID}
)
"""Where a buyer may still let it be."""
REFUND_STATES = {
    "requested": ("hourglass", "w"),
    "pending": ("hourglass", "w"),
    "succeeded": ("check", ""),
    "failed": ("warning", "d"),
    "canceled": ("cross", "muted"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the way. ``state``: "was", "now" or "" for what is still to come."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """Words that lead somewhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Money on its way back."""

    text: str
    icon: str
    kind: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """The booked lab visit, as a ticket."""

    lines: tuple[str, ...]
    stamp: str
    note: str
    pairs: tuple[tuple[str, object], ...]
    is_ahead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order ready to print. ``held`` says until when a wished time is held, "" for none."""

    public_id: str
    path: str
    code: str
    item: str
    total: str
    pairs: tuple[tuple[str, str], ...]
    steps: tuple[StepView, ...]
    receipts: tuple[LinkView, ...]
    reports: tuple[LinkView, ...]
    lab_files: tuple[LinkView, ...]
    refunds: tuple[RefundLine, ...]
    ticket: TicketView | None
    held: str
    unbooked: str
    is_disputed: bool
    can_pay: bool
    can_choose: bool
    can_cancel: bool
    again: str
    has_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderParts:
    """All that is known of one order, as the queries answer it."""

    order: OrderSeen
    bought: GaitOrderSeen | None
    visit: Visit | None
    payments: Sequence[PaymentSeen]
    refunds: Sequence[RefundSeen]
    receipts: Sequence[ReceiptSeen]
    reports: Sequence[StoredDocument]
    lab_files: Sequence[StoredDocument]
    code: str
    zone: str


def order_path(public_id: str) -> str:
    """The page of an order; what it shows depends on who asks."""
    return f"/gait/orders/{public_id}"


def present_order(*, parts: OrderParts, truth: Truth, now: datetime) -> OrderView:
    """The order and what can be done with it."""
    order, standing = parts.order, truth.standing
    path = order_path(order.public_id)
    is_free = standing in FREE
    return OrderView(
        public_id=order.public_id,
        path=path,
        code=parts.code,
        item=order.title,
        total=money(order.total_cents, currency=order.currency),
        pairs=_pairs(parts),
        steps=_steps(standing) if order.product else (),
        receipts=tuple(_receipt(one, path) for one in parts.receipts),
        reports=_files(parts.reports, path),
        lab_files=_files(parts.lab_files, path),
        refunds=tuple(refund_line(one, order.currency) for one in parts.refunds),
        ticket=_ticket(parts.visit, now) if visit_stands(parts.visit) else None,
        held=_held(parts, now),
        unbooked=_unbooked(parts) if "paid-unbooked" in order.tasks else "",
        is_disputed=order.disputed,
        can_pay=standing in {Standing.TO_PAY, Standing.FAILED},
        can_choose=standing is Standing.CHOOSE and not order.disputed,
        can_cancel=is_free and bool(order.product) and not order.disputed,
        again=f"/gait/buy/{order.product}" if standing is Standing.RUN_OUT else "",
        has_ended=standing in {Standing.CANCELLED, Standing.GIVEN_BACK} and bool(order.product),
    )


def visit_stands(visit: Visit | None) -> TypeGuard[Visit]:
    """Whether there is a visit that was not called off."""
    return visit is not None and visit.status != "cancelled"


def _unbooked(parts: OrderParts) -> str:
    """What became of the time that was to be the buyer's; "" where none was chosen so far."""
    if parts.visit is None:
        if parts.bought is None or parts.bought.wished_at is None:
            return ""
        return str(_("The time you chose was taken while you paid."))
    return str(_("We had to call your lab visit off."))


def _files(kept: Sequence[StoredDocument], path: str) -> tuple[LinkView, ...]:
    return tuple(LinkView(one.name, f"{path}/reports/{one.public_id}") for one in kept)


def refund_line(refund: RefundSeen, currency: str, *, is_staff: bool = False) -> RefundLine:
    """`$210: on its way to the card it came from`.

    Staff are also told which ones the payment service has not answered yet.
    """
    amount = money(refund.cents, currency=currency)
    if is_staff and refund.state == "requested":
        waits = _(
            "%(amount)s waits for Stripe’s answer; it is asked again by itself.", amount=amount
        )
        return RefundLine(str(waits), *REFUND_STATES["requested"])
    words = {
        "requested": _("%(amount)s is on its way back to where it came from.", amount=amount),
        "pending": _("%(amount)s is on its way back to where it came from.", amount=amount),
        "succeeded": _("%(amount)s was given back.", amount=amount),
        "failed": _("%(amount)s could not be given back yet; a person sees to it.", amount=amount),
        "canceled": _("A refund of %(amount)s was called off.", amount=amount),
    }
    icon, kind = REFUND_STATES[refund.state]
    return RefundLine(str(words[refund.state]), icon, kind)


def method_words(method: str) -> str:
    """How something was paid."""
    words = {
        "cash": _("cash"),
        "terminal": _("card at the clinic"),
        "none": _("nothing was due"),
        "free": _("nothing was due"),
    }
    return str(words.get(method, _("online")))


def _pairs(parts: OrderParts) -> tuple[tuple[str, str], ...]:
    order = parts.order
    found = [
        (_("Order"), parts.code),
        (_("For"), order.name),
        (_("Item"), order.title),
        (_("Price"), money(order.total_cents, currency=order.currency)),
    ]
    for payment in parts.payments:
        amount = money(payment.cents, currency=payment.currency)
        if payment.discount_cents:
            discount = money(-payment.discount_cents, currency=payment.currency)
            found.append((_("Discount"), discount))
        how = f"{amount}, {method_words(payment.method)}" if payment.cents else _("Nothing was due")
        found.append((_("Paid"), how))
        found.append((_("When"), long_moment(payment.paid_at, zone=parts.zone)))
    if not parts.payments:
        found.append((_("Ordered"), long_moment(order.created_at, zone=parts.zone)))
    return tuple((str(name), value) for name, value in found)


_REACHED = {
    Standing.CHOOSE: 1,
    Standing.BOOKED: 2,
    Standing.RECORDED: 3,
    Standing.RELEASED: 4,
}


def _steps(standing: Standing) -> tuple[StepView, ...]:
    reached = _REACHED.get(standing, 0)
    if standing in {Standing.CANCELLED, Standing.RUN_OUT, Standing.GIVEN_BACK}:
        return ()
    words = (_("Bought"), _("Lab time chosen"), _("Recorded in the lab"), _("Report released"))
    return tuple(
        StepView(str(text), "was" if at < reached else "now" if at == reached else "")
        for at, text in enumerate(words)
    )


def _receipt(receipt: ReceiptSeen, path: str) -> LinkView:
    name = _("Refund receipt %(number)s") if receipt.cents < 0 else _("Receipt %(number)s")
    text = str(name) % {"number": receipt.number}
    return LinkView(f"{text} (PDF)", f"{path}/receipts/{receipt.public_id}")


def _held(parts: OrderParts, now: datetime) -> str:
    bought = parts.bought
    if bought is None or bought.wished_at is None or bought.held_until is None:
        return ""
    if bought.held_until <= now:
        return ""
    if parts.order.status == Status.PROCESSING:
        when = moment(bought.wished_at, zone=parts.zone)
        return str(_("%(when)s is held for you while your bank is at work.", when=when))
    return str(
        _(
            "%(when)s is held for you until %(until)s.",
            when=moment(bought.wished_at, zone=parts.zone),
            until=moment(bought.held_until, zone=parts.zone),
        )
    )


def _ticket(visit: Visit, now: datetime) -> TicketView:
    local = visit.local
    return TicketView(
        lines=(short_date(local.date()), moment(visit.starts_at, zone=visit.zone).rsplit(", ")[-1]),
        stamp=local.isoformat(timespec="minutes"),
        note=str(_("Clinic time. %(minutes)s minutes.", minutes=visit.minutes)),
        pairs=(
            (str(_("With")), visit.practitioner_name),
            (str(_("Where")), (visit.location_name, *visit.address.splitlines())),
            (str(_("Rooms")), visit.resource_names),
            (str(_("Reference")), visit.reference),
        ),
        is_ahead=visit.status == "booked" and visit.starts_at > now,
    )
