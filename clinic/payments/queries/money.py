"""Money as it is shown: what came in, what went back, receipts, the book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.payments.models import (
    Dispute,
    LedgerEntry,
    Order,
    Payment,
    Receipt,
    Refund,
    RefundPolicy,
    StripeEvent,
)
from clinic.payments.rules.refunds import DEFAULT, Policy, policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSeen:
    """Money that came in."""

    public_id: str
    method: str
    cents: int
    currency: str
    discount_cents: int
    tax_cents: int
    is_surplus: bool
    intent_id: str | None
    receipt_url: str | None
    recorded_by: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """Money on its way back. ``state`` is ``requested`` until the payment service answered."""

    public_id: str
    cents: int
    state: str
    source: str
    reason: str | None
    requested_by: str
    created_at: datetime
    settled_at: datetime | None

    @property
    def status(self) -> str:
        """The state as buyers and programs read it: what was not answered yet is pending."""
        return "pending" if self.state == "requested" else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSeen:
    """A payment that is contested."""

    stripe_id: str
    cents: int
    status: str
    reason: str | None
    evidence_due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """A numbered document; negative cents are money given back. ``facts``: what it said then."""

    public_id: str
    number: int
    order: str
    cents: int
    currency: str
    facts: dict[str, Any]
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """What moved: in positive, out negative."""

    at: datetime
    kind: str
    cents: int
    currency: str
    order: str
    title: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """What the payment service told us of an order."""

    event_id: str
    kind: str
    state: str
    outcome: str | None
    attempts: int
    received_at: datetime
    done_at: datetime | None


def list_payments(order: str) -> tuple[PaymentSeen, ...]:
    """What came in for an order, the oldest first."""
    wanted = select(Payment).join(Order, Order.id == Payment.order_id)
    return tuple(
        PaymentSeen(
            public_id=one.public_id,
            method=one.method,
            cents=one.cents,
            currency=one.currency,
            discount_cents=one.discount_cents,
            tax_cents=one.tax_cents,
            is_surplus=one.is_surplus,
            intent_id=one.intent_id,
            receipt_url=one.receipt_url,
            recorded_by=one.recorded_by,
            paid_at=one.paid_at,
        )
        for one in db.session.scalars(wanted.where(Order.public_id == order).order_by(Payment.id))
    )


def get_refund(public_id: str) -> RefundSeen:
    """The refund of that public id. Raises NotFound."""
    wanted = select(Refund).where(Refund.public_id == public_id)
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return refund_seen(found)


def list_refunds(order: str) -> tuple[RefundSeen, ...]:
    """What goes or went back of an order, the oldest first."""
    wanted = (
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.public_id == order)
        .order_by(Refund.id)
    )
    return tuple(refund_seen(one) for one in db.session.scalars(wanted))


def refund_seen(one: Refund) -> RefundSeen:
    """A refund's row as it is shown."""
    return RefundSeen(
        public_id=one.public_id,
        cents=one.cents,
        state=one.state,
        source=one.source,
        reason=one.reason,
        requested_by=one.requested_by,
        created_at=one.created_at,
        settled_at=one.settled_at,
    )


def list_disputes(order: str) -> tuple[DisputeSeen, ...]:
    """What is or was contested of an order."""
    wanted = (
        select(Dispute)
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.public_id == order)
        .order_by(Dispute.id)
    )
    return tuple(
        DisputeSeen(
            stripe_id=one.stripe_id,
            cents=one.cents,
            status=one.status,
            reason=one.reason,
            evidence_due_at=one.evidence_due_at,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
        )
        for one in db.session.scalars(wanted)
    )


def list_receipts(order: str) -> tuple[ReceiptSeen, ...]:
    """The numbered documents of an order."""
    wanted = select(Receipt, Order.public_id).join(Order, Order.id == Receipt.order_id)
    rows = db.session.execute(wanted.where(Order.public_id == order).order_by(Receipt.number))
    return tuple(_receipt_seen(receipt, name) for receipt, name in rows)


def get_receipt(public_id: str) -> ReceiptSeen:
    """The document of that public id. Raises NotFound."""
    wanted = select(Receipt, Order.public_id).join(Order, Order.id == Receipt.order_id)
    row = db.session.execute(wanted.where(Receipt.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return _receipt_seen(row[0], row[1])


def _receipt_seen(one: Receipt, order: str) -> ReceiptSeen:
    return ReceiptSeen(
        public_id=one.public_id,
        number=one.number,
        order=order,
        cents=one.cents,
        currency=one.currency,
        facts=dict(one.facts),
        issued_at=one.issued_at,
    )


def list_ledger(
    *, since: datetime, until: datetime, order: str | None = None
) -> tuple[LedgerLine, ...]:
    """The book of a half-open span, the oldest first; of one order, or of all."""
    wanted = (
        select(LedgerEntry, Order.public_id, Order.title)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerEntry.at >= since, LedgerEntry.at < until)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    )
    if order is not None:
        wanted = wanted.where(Order.public_id == order)
    return tuple(
        LedgerLine(
            at=one.at,
            kind=one.kind,
            cents=one.cents,
            currency=one.currency,
            order=name,
            title=title,
            reference=one.reference,
        )
        for one, name, title in db.session.execute(wanted)
    )


def list_events(order: str) -> tuple[EventSeen, ...]:
    """What the payment service told us of an order, as it came."""
    wanted = select(StripeEvent).join(Order, Order.id == StripeEvent.order_id)
    rows = db.session.scalars(wanted.where(Order.public_id == order).order_by(StripeEvent.id))
    return _events_seen(list(rows))


def _events_seen(rows: Sequence[StripeEvent]) -> tuple[EventSeen, ...]:
    return tuple(
        EventSeen(
            event_id=one.event_id,
            kind=one.kind,
            state=one.state,
            outcome=one.outcome,
            attempts=one.attempts,
            received_at=one.received_at,
            done_at=one.done_at,
        )
        for one in rows
    )


def get_refund_policy() -> Policy:
    """The rule for cancellations that holds now."""
    wanted = select(RefundPolicy).order_by(RefundPolicy.id.desc()).limit(1)
    found = db.session.scalars(wanted).first()
    return policy_of(found.rules) if found else DEFAULT
