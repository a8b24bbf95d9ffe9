"""The book, and what an order's rows of money add up to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from clinic.core.db import db
from clinic.payments.models import (
    CheckoutAttempt,
    Dispute,
    Entitlement,
    LedgerEntry,
    Order,
    Payment,
    Refund,
)
from clinic.payments.rules.facts import takes_money
from clinic.payments.rules.states import RESERVING, Paid, RefundState, Status, payment_of

TAKES_OUT = frozenset({"refund", "dispute"})


@dataclass(frozen=True, slots=True)
class Left:
    """A payment and what may still be given back of it."""

    payment: Payment
    cents: int


def book(
    order: Order,
    kind: str,
    *,
    reference: str,
    cents: int,
    now: datetime,
    currency: str | None = None,
) -> None:
    """Enter what moved, once: what stands in the book under this reference is not entered again."""
    known = select(LedgerEntry.id).where(
        LedgerEntry.kind == kind, LedgerEntry.reference == reference
    )
    if db.session.scalar(known) is not None:
        return
    entry = {
        "order_id": order.id,
        "at": now,
        "kind": kind,
        "reference": reference,
        "cents": -cents if kind in TAKES_OUT else cents,
        "currency": currency or order.currency,
    }
    db.session.execute(insert(LedgerEntry), entry)


def settle_money(order: Order) -> None:
    """Let an order's sums, its word for the money and its entitlement follow from its rows."""
    db.session.flush()
    payments = payments_of(order)
    refunds = _refunds(payments)
    main = [one for one in payments if not one.is_surplus]
    returned = {one.id: _succeeded(refunds, one) for one in payments}
    order.paid_cents = sum(one.cents for one in payments)
    order.refunded_cents = sum(returned.values())
    order.payment = payment_of(
        paid_cents=sum(one.cents for one in main),
        refunded_cents=sum(returned[one.id] for one in main),
        is_paid=bool(main),
        is_pending=_is_pending(order),
    ).value
    order.disputed = _is_disputed(payments)
    db.session.flush()


def settle_entitlement(order: Order, *, now: datetime) -> None:
    """An order that was cancelled, or whose money all went back, gives no right; one whose refund
    failed does again."""
    right = db.session.get(Entitlement, order.id)
    if right is None:
        return
    is_gone = order.payment == Paid.REFUNDED.value or order.status == Status.CANCELLED.value
    if is_gone and right.revoked_at is None:
        right.revoked_at = now
    elif not is_gone:
        right.revoked_at = None
    db.session.flush()


def left_of(order: Order) -> list[Left]:
    """What may still be given back: of what was paid twice first, then of the order's payment.

    What the buyer contests with the bank is not here to be given, nor what was lost that way.
    """
    payments = payments_of(order)
    gone = [(one.payment_id, one.cents) for one in _refunds(payments) if _takes(one)]
    gone += [(one.payment_id, one.cents) for one in _disputes(payments) if takes_money(one.status)]
    found = [
        Left(one, max(0, one.cents - sum(cents for ident, cents in gone if ident == one.id)))
        for one in payments
    ]
    return sorted(found, key=lambda left: (not left.payment.is_surplus, left.payment.id))


def payments_of(order: Order) -> list[Payment]:
    """Every payment of an order, the oldest first."""
    wanted = select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)
    return list(db.session.scalars(wanted))


def _refunds(payments: list[Payment]) -> list[Refund]:
    wanted = select(Refund).where(Refund.payment_id.in_([one.id for one in payments]))
    return list(db.session.scalars(wanted.order_by(Refund.id)))


def _disputes(payments: list[Payment]) -> list[Dispute]:
    wanted = select(Dispute).where(Dispute.payment_id.in_([one.id for one in payments]))
    return list(db.session.scalars(wanted.order_by(Dispute.id)))


def _takes(refund: Refund) -> bool:
    return RefundState(refund.state) in RESERVING


def _succeeded(refunds: list[Refund], payment: Payment) -> int:
    return sum(
        one.cents
        for one in refunds
        if one.payment_id == payment.id and one.state == RefundState.SUCCEEDED.value
    )


def _is_pending(order: Order) -> bool:
    wanted = select(CheckoutAttempt.id).where(
        CheckoutAttempt.order_id == order.id, CheckoutAttempt.state == "processing"
    )
    return db.session.scalar(wanted.limit(1)) is not None


def _is_disputed(payments: list[Payment]) -> bool:
    wanted = select(Dispute.id).where(
        Dispute.payment_id.in_([one.id for one in payments]), Dispute.closed_at.is_(None)
    )
    return db.session.scalar(wanted.limit(1)) is not None
