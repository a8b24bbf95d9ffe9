"""The words of messages about orders, as things stand when they are sent."""

from datetime import datetime

from flask_babel import format_currency

from clinic.core.errors import NotFound
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from clinic.payments.operations.telling import KINDS
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.states import CLOSED, GRANTED, UNPAID, Kind, Status
from clinic.payments.rules.tasks import Task

__all__ = ["KINDS", "prepare_order", "show_order"]


def prepare_order(*, parcel: Parcel, now: datetime) -> Letter | None:
    """A message about an order; None when the order stands elsewhere than the message says."""
    del now
    order = get_order(parcel.about.partition(":")[2])
    return _letter(order) if _is_true(parcel.kind, order) else None


def show_order(parcel: Parcel) -> Letter | None:
    """The same for staff, whether or not it is still so; None for an order that is not there."""
    try:
        return _letter(get_order(parcel.about.partition(":")[2]))
    except NotFound:
        return None


def _letter(order: OrderSeen) -> Letter:
    return Letter(
        words={
            "total": _money(order.total_cents, order),
            "paid": _money(order.paid_cents, order),
            "refunded": _money(order.refunded_cents, order),
            "needs_time": _needs_time(order),
        }
    )


def _needs_time(order: OrderSeen) -> bool:
    """Whether the next step is the buyer's: to choose a time for what is paid. What was paid after
    the order had ended waits for a person first."""
    is_product = order.kind == Kind.PRODUCT.value and order.status == Status.PAID.value
    return is_product and order.is_entitled and Task.PAID_AFTER_CANCEL.value not in order.tasks


def _is_true(kind: str, order: OrderSeen) -> bool:
    status = Status(order.status)
    return {
        "order-paid": status in GRANTED,
        "order-pending": status is Status.PROCESSING,
        "order-payment-failed": status is Status.AWAITING,
        "order-refunded": order.refunded_cents > 0,
        "order-cancelled": status in CLOSED,
        "order-link": status in UNPAID,
        "order-choose-time": status is Status.PAID and order.is_entitled,
    }[kind]


def _money(cents: int, order: OrderSeen) -> str:
    return str(format_currency(cents / 100, order.currency.upper()))
