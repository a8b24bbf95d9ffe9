"""Numbered receipts: one for each payment, one for each refund that arrived; without gaps."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.payments.models import Order, Payment, Receipt, Refund

_LOCK = "receipt-numbers"


def issue_receipt(
    order: Order, *, now: datetime, payment: Payment | None = None, refund: Refund | None = None
) -> None:
    """Issue the next number for a payment, or for money given back of one; once for each.

    The number belongs to the transaction: undone with it, it is the next one's. Writers of numbers
    follow each other, so the last step of a transaction is the place to ask for one.
    """
    about = Receipt.refund_id == refund.id if refund else Receipt.payment_id == _ident(payment)
    if db.session.scalar(select(Receipt.id).where(about)) is not None:
        return
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK, 1))))
    last = db.session.scalar(select(func.max(Receipt.number))) or 0
    cents = -refund.cents if refund else (payment.cents if payment else 0)
    receipt = Receipt(
        number=last + 1,
        order_id=order.id,
        payment_id=payment.id if payment else None,
        refund_id=refund.id if refund else None,
        cents=cents,
        currency=order.currency,
        facts={
            "title": order.title,
            "total_cents": order.total_cents,
            "discount_cents": payment.discount_cents if payment else 0,
            "tax_cents": payment.tax_cents if payment else 0,
            "method": payment.method if payment else None,
        },
        issued_at=now,
    )
    db.session.add(receipt)
    db.session.flush()


def _ident(payment: Payment | None) -> int | None:
    return payment.id if payment else None
