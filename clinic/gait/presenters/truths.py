"""How an order stands, in words that are true at that moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _

from clinic.payments.queries.orders import OrderSeen
from clinic.payments.rules.states import Paid, Status
from clinic.web.filters import money


class Standing(StrEnum):
    """What a buyer has to know: finer than the status, which says what the clinic granted."""

    TO_PAY = "to-pay"
    FAILED = "failed"
    UNSURE = "unsure"
    RUN_OUT = "run-out"
    PENDING = "pending"
    LOOKED_AT = "looked-at"
    CHOOSE = "choose"
    GIVEN_BACK = "given-back"
    PAID = "paid"
    BOOKED = "booked"
    RECORDED = "recorded"
    RELEASED = "released"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Truth:
    """A short word with an icon, the heading and what follows from it; names nobody."""

    standing: Standing
    icon: str
    kicker: str
    title: str
    lead: str


def standing_of(order: OrderSeen, *, now: datetime, is_certain: bool = True) -> Standing:
    """Where a buyer stands; ``is_certain`` False: the payment service did not answer just now."""
    status = Status(order.status)
    granted = {
        Status.SCHEDULED: Standing.BOOKED,
        Status.RECORDED: Standing.RECORDED,
        Status.RELEASED: Standing.RELEASED,
        Status.CANCELLED: Standing.CANCELLED,
        Status.EXPIRED: Standing.RUN_OUT,
        Status.PROCESSING: Standing.PENDING,
    }
    if status in granted:
        return granted[status]
    if status is Status.PAID:
        return _paid(order)
    return _awaiting(order, now=now, is_certain=is_certain)


def _paid(order: OrderSeen) -> Standing:
    if not order.is_entitled or order.payment == Paid.REFUNDED:
        return Standing.GIVEN_BACK
    return Standing.CHOOSE if order.product else Standing.PAID


def _awaiting(order: OrderSeen, *, now: datetime, is_certain: bool) -> Standing:
    if order.payment == Paid.PENDING:
        return Standing.PENDING
    if order.payment != Paid.UNPAID:
        return Standing.LOOKED_AT
    if not is_certain:
        return Standing.UNSURE
    if order.expires_at is not None and order.expires_at <= now:
        return Standing.RUN_OUT
    return Standing.FAILED if order.has_failed else Standing.TO_PAY


def present_truth(*, order: OrderSeen, now: datetime, is_certain: bool = True) -> Truth:
    """The order's standing in words; they name no person, no address and no time."""
    standing = standing_of(order, now=now, is_certain=is_certain)
    icon, kicker, title, lead = _words(order, standing)
    return Truth(standing, icon, str(kicker), str(title), str(lead))


def _words(order: OrderSeen, standing: Standing) -> tuple[str, str, str, str]:
    item, total = order.title, money(order.total_cents, currency=order.currency)
    before = {
        Standing.TO_PAY: (
            "hourglass",
            _("Not paid yet"),
            _("Nothing was paid so far."),
            _("%(item)s costs %(total)s. Your card was not charged.", item=item, total=total),
        ),
        Standing.FAILED: (
            "warning",
            _("Payment failed"),
            _("Your bank did not pay."),
            _(
                "Nothing was charged, and no lab time is held for you. You can pay the %(total)s"
                " another way.",
                total=total,
            ),
        ),
        Standing.UNSURE: (
            "hourglass",
            _("Being confirmed"),
            _("We are waiting for the answer of our payment service."),
            _(
                "Please do not pay again. If your payment went through, this page says so in a few"
                " minutes, and we write to you."
            ),
        ),
        Standing.RUN_OUT: (
            "info",
            _("Not paid"),
            _("This order has run out."),
            _("It was not paid in time, so nothing was charged and no time is held for it."),
        ),
        Standing.PENDING: (
            "hourglass",
            _("Payment on its way"),
            _("Your bank is still at work."),
            _(
                "Some ways to pay take a few days. Please do not pay again: we write to you when"
                " the payment is here, or if it fails."
            ),
        ),
        Standing.LOOKED_AT: (
            "warning",
            _("Payment received"),
            _("A person is looking at your payment."),
            _("It arrived, but it does not fit this order. Nothing is lost; we get in touch."),
        ),
    }
    return before[standing] if standing in before else _words_after(order, standing)


def _words_after(order: OrderSeen, standing: Standing) -> tuple[str, str, str, str]:
    paid = _arrived(order)
    after = {
        Standing.CHOOSE: (
            "done",
            _received(order),
            _("Now choose your lab time."),
            _to_choose(order, paid),
        ),
        Standing.GIVEN_BACK: (
            "info",
            _("Given back"),
            _("Your money went back."),
            _("This order was paid and given back; it cannot be used any more."),
        ),
        Standing.PAID: (
            "done",
            _received(order),
            _("Thank you, this is paid."),
            _nothing_left(order, paid),
        ),
        Standing.BOOKED: (
            "done",
            _received(order),
            _("Your lab time is booked."),
            _booked(order, paid),
        ),
        Standing.RECORDED: (
            "done",
            _("Recorded"),
            _("Your report is being written."),
            _("You were in the lab. We write to you when the report is ready."),
        ),
        Standing.RELEASED: (
            "done",
            _("Report ready"),
            _("Your report is ready."),
            _("It opens only for you, after you signed in with a code from your e-mail."),
        ),
        Standing.CANCELLED: (
            "info",
            _("Cancelled"),
            _("This order was cancelled."),
            _("Nothing is booked for it any more."),
        ),
    }
    return after[standing]


def _is_free(order: OrderSeen) -> bool:
    """Whether a promotion code or the price left nothing to pay."""
    return order.payment == Paid.PAID and order.paid_cents == 0


def _received(order: OrderSeen) -> str:
    return str(_("Nothing to pay") if _is_free(order) else _("Payment received"))


def _to_choose(order: OrderSeen, paid: str) -> str:
    """Paid, and without a time so far."""
    words = (
        _("Nothing was due, and your session is yours: %(item)s. Nothing is booked yet.")
        if _is_free(order)
        else _("Your %(paid)s arrived and your session is yours: %(item)s. Nothing is booked yet.")
    )
    return str(words % {"paid": paid, "item": order.title})


def _nothing_left(order: OrderSeen, paid: str) -> str:
    if _is_free(order):
        return str(_("Nothing was due. There is nothing left to do."))
    return str(_("Your %(paid)s arrived. There is nothing left to do.", paid=paid))


def _arrived(order: OrderSeen) -> str:
    """What paid for the order: what came twice and went back is left out."""
    is_whole = order.payment == Paid.PAID and "duplicate-payment" not in order.tasks
    cents = order.paid_cents - order.refunded_cents if is_whole else order.paid_cents
    return money(cents, currency=order.currency)


def _booked(order: OrderSeen, paid: str) -> str:
    """What became of the money of a booked visit."""
    if _is_free(order):
        return str(_("Nothing was due for this lab visit."))
    if "duplicate-payment" in order.tasks:
        return str(
            _("You paid twice. One payment is for this lab visit; we give the other one back.")
        )
    if order.payment == Paid.REFUNDED:
        return str(
            _(
                "Your money went back to you, and the visit is still in our book. Please call us if"
                " you did not expect that."
            )
        )
    if order.payment == Paid.PARTLY_REFUNDED:
        back = money(order.refunded_cents, currency=order.currency)
        words = _(
            "Your %(paid)s arrived for this lab visit; %(back)s went back to you.",
            paid=paid,
            back=back,
        )
        return str(words)
    return str(_("Your %(paid)s arrived and was used for this lab visit.", paid=paid))
