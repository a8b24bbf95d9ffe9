"""Disputes: flagged while open, booked when they move money."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM
from clinic.payments.models import Dispute, Order, Payment
from clinic.payments.operations.money import book
from clinic.payments.operations.story import add_step, close_tasks, open_task
from clinic.payments.rules.facts import DisputeFacts
from clinic.payments.rules.tasks import Task

LOST = "lost"


def apply_disputes(
    order: Order, payment: Payment, told: Sequence[DisputeFacts], *, now: datetime
) -> None:
    """Let the disputes of a payment be what the payment service says. A decided one stays so."""
    for facts in sorted(told, key=lambda one: (one.created_at, one.stripe_id)):
        row = _row(order, payment, facts, now)
        if row.closed_at is not None:
            continue
        if row.status != facts.status:
            row.status = facts.status
        row.evidence_due_at = facts.due_at
        if not facts.is_open:
            _close(order, row, facts, now)
        db.session.flush()


def _row(order: Order, payment: Payment, facts: DisputeFacts, now: datetime) -> Dispute:
    wanted = select(Dispute).where(Dispute.stripe_id == facts.stripe_id)
    found = db.session.scalars(wanted).one_or_none()
    if found is not None:
        return found
    row = Dispute(
        payment_id=payment.id,
        stripe_id=facts.stripe_id,
        cents=facts.cents,
        status=facts.status[:40],
        reason=(facts.reason or "")[:60] or None,
        evidence_due_at=facts.due_at,
        opened_at=facts.created_at,
    )
    db.session.add(row)
    db.session.flush()
    if not facts.is_warning:
        book(
            order,
            "dispute",
            reference=facts.stripe_id,
            cents=facts.cents,
            now=now,
            currency=payment.currency,
        )
    add_step(order, "disputed", actor=SYSTEM, now=now, details={"cents": facts.cents})
    if facts.is_open:
        open_task(Task.DISPUTE_OPEN, order=order, now=now, reference=facts.stripe_id)
    return row


def _close(order: Order, row: Dispute, facts: DisputeFacts, now: datetime) -> None:
    row.closed_at = now
    close_tasks(Task.DISPUTE_OPEN, order=order, actor=SYSTEM, now=now, reference=facts.stripe_id)
    if facts.status == LOST:
        open_task(Task.DISPUTE_LOST, order=order, now=now, reference=facts.stripe_id)
    elif not facts.is_warning:
        payment = db.session.get_one(Payment, row.payment_id)
        book(
            order,
            "dispute-returned",
            reference=facts.stripe_id,
            cents=row.cents,
            now=now,
            currency=payment.currency,
        )
    step = "dispute-lost" if facts.status == LOST else "dispute-ended"
    add_step(order, step, actor=SYSTEM, now=now, details={"cents": row.cents})
