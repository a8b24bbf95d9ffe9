"""What must hold of orders and money at every moment, whatever has happened; as sentences if not.

Asked after every test of payments, and by ``flask reconcile --check``.
"""

from collections.abc import Iterator

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.payments.models import (
    Dispute,
    Entitlement,
    LedgerEntry,
    Order,
    OrderTask,
    Payment,
    Receipt,
    Refund,
)
from clinic.payments.rules.states import GRANTED, RESERVING, Paid, RefundState


def broken_invariants() -> list[str]:
    """What does not hold, each with the order it is about; empty when all is well."""
    return [
        *_sums(),
        *_refunds_within_payments(),
        *_ledger_agrees(),
        *_entitlements(),
        *_receipts(),
        *_lonely_orders(),
        *_disputes(),
    ]


def _orders() -> list[Order]:
    return list(db.session.scalars(select(Order).order_by(Order.id)))


def _by_order(wanted: object) -> dict[int, int]:
    return {row[0]: int(row[1] or 0) for row in db.session.execute(wanted)}  # type: ignore[call-overload]


def _succeeded() -> dict[int, int]:
    return _by_order(
        select(Payment.order_id, func.sum(Refund.cents))
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state == RefundState.SUCCEEDED.value)
        .group_by(Payment.order_id)
    )


def _sums() -> Iterator[str]:
    paid = _by_order(select(Payment.order_id, func.sum(Payment.cents)).group_by(Payment.order_id))
    back = _succeeded()
    for order in _orders():
        if order.paid_cents != paid.get(order.id, 0):
            yield f"{order.public_id}: the payments do not add up to what it says"
        if order.refunded_cents != back.get(order.id, 0):
            yield f"{order.public_id}: the refunds do not add up to what it says"


def _refunds_within_payments() -> Iterator[str]:
    taken = _by_order(
        select(Refund.payment_id, func.sum(Refund.cents))
        .where(Refund.state.in_([state.value for state in RESERVING]))
        .group_by(Refund.payment_id)
    )
    for payment in db.session.scalars(select(Payment).order_by(Payment.id)):
        if taken.get(payment.id, 0) > payment.cents:
            yield f"payment {payment.public_id}: more goes back than came in"


def _ledger_agrees() -> Iterator[str]:
    book = _by_order(
        select(LedgerEntry.order_id, func.sum(LedgerEntry.cents))
        .where(LedgerEntry.kind.not_in(("dispute", "dispute-returned")))
        .group_by(LedgerEntry.order_id)
    )
    for order in _orders():
        if book.get(order.id, 0) != order.paid_cents - order.refunded_cents:
            yield f"{order.public_id}: the book says otherwise"


def _entitlements() -> Iterator[str]:
    live = set(
        db.session.scalars(select(Entitlement.order_id).where(Entitlement.revoked_at.is_(None)))
    )
    for order in _orders():
        owed = order.status in GRANTED and order.payment != Paid.REFUNDED.value
        if owed != (order.id in live):
            yield f"{order.public_id}: {order.status}, {order.payment}, and the right is not so"


def _receipts() -> Iterator[str]:
    numbers = list(db.session.scalars(select(Receipt.number).order_by(Receipt.number)))
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the receipts have a gap"


def _lonely_orders() -> Iterator[str]:
    """Money that is here and neither granted, given back nor on a person's list."""
    listed = set(
        db.session.scalars(select(OrderTask.order_id).where(OrderTask.closed_at.is_(None)))
    )
    asked = set(
        db.session.scalars(
            select(Payment.order_id)
            .join(Refund, Refund.payment_id == Payment.id)
            .where(Refund.state.in_([state.value for state in RESERVING]))
        )
    )
    for order in _orders():
        has_money = order.paid_cents > order.refunded_cents
        settled = order.status in GRANTED or order.id in listed or order.id in asked
        if has_money and not settled and order.status != "cancelled":
            yield f"{order.public_id}: money is here, and nobody will look"


def _disputes() -> Iterator[str]:
    contested = set(
        db.session.scalars(
            select(Payment.order_id)
            .join(Dispute, Dispute.payment_id == Payment.id)
            .where(Dispute.closed_at.is_(None))
        )
    )
    for order in _orders():
        if order.disputed != (order.id in contested):
            yield f"{order.public_id}: whether it is disputed is not so"
