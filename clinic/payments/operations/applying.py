"""Letting an order be what the payment service says of it: the one way money becomes a fact here.

Called with what was just read there, never with what an event claimed. Whatever is known already
changes nothing, so events may come twice, late, in any order or not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.core.db import db, housekeeping
from clinic.core.values import SYSTEM
from clinic.payments.models import CheckoutAttempt, Order, Payment
from clinic.payments.operations.attempts import fail_attempt, wait_for_bank
from clinic.payments.operations.contested import apply_disputes
from clinic.payments.operations.money import (
    book,
    payments_of,
    settle_entitlement,
    settle_money,
)
from clinic.payments.operations.orders import close_unpaid, grant, lock_order
from clinic.payments.operations.returned import apply_refunds
from clinic.payments.operations.story import add_step, open_task
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.facts import (
    DisputeFacts,
    RefundFacts,
    SessionFacts,
    mismatch,
    received_cents,
)
from clinic.payments.rules.states import CLOSED, Paid, Status
from clinic.payments.rules.tasks import Task

RETRY_FOR = timedelta(days=3)
"""How long an order may be paid anew after its bank said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was read of one page. None: not asked for. ``has_failed``: an event said so."""

    session: SessionFacts
    refunds: tuple[RefundFacts, ...] | None = None
    disputes: tuple[DisputeFacts, ...] | None = None
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """The order as it stands, and whether something about it was new."""

    order: OrderSeen
    is_news: bool


@housekeeping
def apply_told(*, public_id: str, told: Told, now: datetime) -> Applied:
    """Let the order be what was read; the second time changes nothing. Raises NotFound."""
    order = lock_order(public_id)
    before = order.version
    apply_inside(order, told, now=now)
    return Applied(get_order(public_id), order.version != before)


def apply_inside(order: Order, told: Told, *, now: datetime) -> None:
    """The same inside the transaction of whoever also marks an event as done."""
    facts = told.session
    attempt = _attempt_of(order, facts)
    if attempt is not None:
        if attempt.intent_id is None and facts.intent_id is not None:
            attempt.intent_id = facts.intent_id
        _apply_session(order, attempt, told, now)
    payment = db.session.scalars(
        select(Payment).where(Payment.session_id == facts.session_id)
    ).one_or_none()
    if payment is not None:
        if told.refunds is not None:
            apply_refunds(order, payment, told.refunds, now=now)
        if told.disputes is not None:
            apply_disputes(order, payment, told.disputes, now=now)
        settle_money(order)
        settle_entitlement(order, now=now)


def _attempt_of(order: Order, facts: SessionFacts) -> CheckoutAttempt | None:
    """The attempt of that page. One whose answer never reached us is known by its number."""
    mine = select(CheckoutAttempt).where(CheckoutAttempt.order_id == order.id)
    known = mine.where(CheckoutAttempt.session_id == facts.session_id)
    if (found := db.session.scalars(known).one_or_none()) is not None:
        return found
    unanswered = mine.where(
        CheckoutAttempt.number == facts.attempt, CheckoutAttempt.session_id.is_(None)
    )
    found = db.session.scalars(unanswered).one_or_none()
    if found is not None:
        found.session_id, found.url = facts.session_id, facts.url
        if found.state == "refused" and facts.status == "open":
            found.state = "expired"  # nobody was led there; the worker closes it
        return found
    return None if facts.status == "open" else _foreign_attempt(order, facts)


def _foreign_attempt(order: Order, facts: SessionFacts) -> CheckoutAttempt:
    """A page that names the order and was not opened by us: its money counts all the same."""
    last = select(func.max(CheckoutAttempt.number)).where(CheckoutAttempt.order_id == order.id)
    attempt = CheckoutAttempt(
        order_id=order.id,
        number=(db.session.scalar(last) or 0) + 1,
        idempotency_key=f"found:{facts.session_id}"[:80],
        state="expired",
        session_id=facts.session_id,
        cents=facts.total_cents,
        created_at=facts.created_at,
        expires_at=facts.expires_at,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _apply_session(order: Order, attempt: CheckoutAttempt, told: Told, now: datetime) -> None:
    facts = told.session
    if attempt.state == "complete":
        return
    if facts.is_paid:
        attempt.state = "complete"
        _receive(order, facts, now)
    elif facts.is_waiting:
        _wait_or_fail(order, attempt, told, now)
    elif facts.status == "expired":
        _expire(order, attempt, now)
    elif attempt.state == "calling":
        attempt.state, attempt.url = "open", facts.url


def _wait_or_fail(order: Order, attempt: CheckoutAttempt, told: Told, now: datetime) -> None:
    intent = told.session.intent
    is_dead = intent is not None and intent.is_dead
    if told.has_failed or is_dead or attempt.state == "failed":
        if fail_attempt(order, attempt, now=now, retry_until=now + RETRY_FOR):
            tell_buyer("order-payment-failed", order, actor=SYSTEM, now=now)
    elif wait_for_bank(order, attempt, now=now):
        tell_buyer("order-pending", order, actor=SYSTEM, now=now)


def _expire(order: Order, attempt: CheckoutAttempt, now: datetime) -> None:
    if attempt.state == "expired":
        return
    was_live = attempt.state in {"calling", "open", "processing"}
    attempt.state = "expired"
    db.session.flush()
    is_over = order.expires_at is None or order.expires_at <= now or not order.is_link
    if was_live and order.status == Status.AWAITING.value and is_over and _is_unpaid(order):
        close_unpaid(order, Status.EXPIRED, actor=SYSTEM, now=now)


def _is_unpaid(order: Order) -> bool:
    return order.payment == Paid.UNPAID.value


def _receive(order: Order, facts: SessionFacts, now: datetime) -> None:
    """Money is here: a fact, whatever we make of it."""
    known = select(Payment.id).where(Payment.session_id == facts.session_id)
    if db.session.scalar(known) is not None:
        return
    is_surplus = any(not one.is_surplus for one in payments_of(order))
    payment = _add_payment(order, facts, is_surplus, now)
    if is_surplus:
        settle_money(order)
        add_step(order, "paid-twice", actor=SYSTEM, now=now, details={"cents": payment.cents})
        open_task(Task.DUPLICATE_PAYMENT, order=order, now=now, reference=facts.session_id)
        return
    why = mismatch(facts, total_cents=order.total_cents, currency=order.currency)
    if why is not None:
        order.paid_at = now
        settle_money(order)
        details = {"cents": payment.cents, "currency": payment.currency, "why": why}
        add_step(order, "paid-otherwise", actor=SYSTEM, now=now, details=details)
        open_task(Task.AMOUNT_MISMATCH, order=order, now=now, details=details)
        return
    is_wanted = order.status != Status.CANCELLED.value
    if Status(order.status) in CLOSED:
        add_step(order, "paid-late", actor=SYSTEM, now=now)
    grant(order, payment, is_wanted=is_wanted, actor=SYSTEM, now=now)


def _add_payment(order: Order, facts: SessionFacts, is_surplus: bool, now: datetime) -> Payment:
    charge = facts.intent.charge if facts.intent else None
    payment = Payment(
        order_id=order.id,
        method="stripe",
        session_id=facts.session_id,
        intent_id=facts.intent_id,
        charge_id=charge.charge_id if charge else None,
        cents=received_cents(facts),
        currency=facts.currency,
        discount_cents=facts.discount_cents,
        tax_cents=facts.tax_cents,
        is_surplus=is_surplus,
        receipt_url=charge.receipt_url if charge else None,
        recorded_by=SYSTEM.name,
        paid_at=now,
    )
    db.session.add(payment)
    db.session.flush()
    book(
        order,
        "payment",
        reference=facts.intent_id or facts.session_id,
        cents=payment.cents,
        now=now,
        currency=payment.currency,
    )
    return payment
