"""Where an order stands: what the clinic granted, and what of the money is here (contract.md)."""

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """What the clinic granted."""

    AWAITING = "awaiting-payment"
    PROCESSING = "processing"
    PAID = "paid"
    SCHEDULED = "scheduled"
    RECORDED = "recorded"
    RELEASED = "released"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Paid(StrEnum):
    """What the payment service holds."""

    UNPAID = "unpaid"
    PENDING = "pending"
    PAID = "paid"
    PARTLY_REFUNDED = "partly-refunded"
    REFUNDED = "refunded"


class Kind(StrEnum):
    """What is sold: a product of the catalogue, or what is left to pay for a visit."""

    PRODUCT = "product"
    BALANCE = "balance"


class RefundState(StrEnum):
    """``requested``: written down here, the payment service has not answered yet."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


GRANTED = frozenset({Status.PAID, Status.SCHEDULED, Status.RECORDED, Status.RELEASED})
"""What was paid for is theirs."""
UNPAID = frozenset({Status.AWAITING, Status.PROCESSING})
CLOSED = frozenset({Status.CANCELLED, Status.EXPIRED})
RESERVING = frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.SUCCEEDED})
"""Refunds that take money away: no other refund may have it."""
UNSETTLED = frozenset({RefundState.REQUESTED, RefundState.PENDING})

FORWARD: Mapping[Status, frozenset[Status]] = {
    Status.PAID: frozenset({Status.SCHEDULED}),
    Status.SCHEDULED: frozenset({Status.PAID, Status.RECORDED}),
    Status.RECORDED: frozenset({Status.SCHEDULED, Status.RELEASED}),
    Status.RELEASED: frozenset({Status.RECORDED}),
}
"""The steps that what becomes of the visit takes with a paid order, back and forth."""


def payment_of(*, paid_cents: int, refunded_cents: int, is_paid: bool, is_pending: bool) -> Paid:
    """The word for the money of an order.

    ``paid_cents`` and ``refunded_cents`` leave out what was paid twice by mistake. ``is_paid`` is
    true too when nothing was due. Only refunds that succeeded count.
    """
    if not is_paid:
        return Paid.PENDING if is_pending else Paid.UNPAID
    if refunded_cents <= 0:
        return Paid.PAID
    return Paid.REFUNDED if refunded_cents >= paid_cents else Paid.PARTLY_REFUNDED
