"""Attempts to pay an order: written down before the payment service is called."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.core import hooks
from clinic.core.db import db, housekeeping
from clinic.core.values import SYSTEM, Actor
from clinic.payments.models import CheckoutAttempt, Order
from clinic.payments.operations.money import settle_money
from clinic.payments.operations.orders import close_unpaid, lock_order, may_be_paid
from clinic.payments.operations.refusals import AlreadyPaid, OrderClosed, PaymentPending
from clinic.payments.operations.story import add_step, note_good_key
from clinic.payments.queries.orders import LIVE, OrderSeen, get_order
from clinic.payments.rules.facts import SessionFacts
from clinic.payments.rules.states import Paid, Status

SHORTEST_PAGE = timedelta(minutes=30, seconds=30)
LONGEST_PAGE = timedelta(hours=23)
"""A page lives half an hour at least and a day at most, by the payment service's clock."""
KEY_LASTS = timedelta(minutes=2)
"""How long a call whose outcome we do not know is made again as it was: by then its page would end
too soon. After that we ask what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What to do next about paying an order. ``session_id``: a page is open already."""

    attempt_id: int
    order: str
    number: int
    idempotency_key: str
    session_id: str | None
    url: str | None
    cents: int
    currency: str
    email: str | None
    created_at: datetime
    expires_at: datetime

    def is_doubtful(self, now: datetime) -> bool:
        """Whether the call was made long ago and nobody knows what became of it."""
        return self.session_id is None and now - self.created_at > KEY_LASTS


@housekeeping
def plan_attempt(*, public_id: str, now: datetime) -> Attempt | None:
    """The order's attempt that may bring money, or a new one; None where nothing is due.

    Raises AlreadyPaid, PaymentPending, OrderClosed.
    """
    order = lock_order(public_id)
    refuse_paying(order, now=now)
    if order.total_cents == 0:
        return None
    attempt = live_attempt(order)
    if attempt is not None and attempt.state == "processing":
        raise PaymentPending
    if attempt is None:
        attempt = _new_attempt(order, now)
    return _planned(order, attempt)


def refuse_paying(order: Order, *, now: datetime) -> None:
    """Raise why the order cannot be paid now, if it cannot."""
    if order.status == Status.PROCESSING.value:
        raise PaymentPending
    if order.payment != Paid.UNPAID.value:
        raise AlreadyPaid
    if not may_be_paid(order, now=now):
        raise OrderClosed


def live_attempt(order: Order) -> CheckoutAttempt | None:
    """The one attempt that may still bring money."""
    wanted = select(CheckoutAttempt).where(
        CheckoutAttempt.order_id == order.id, CheckoutAttempt.state.in_(LIVE)
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _new_attempt(order: Order, now: datetime) -> CheckoutAttempt:
    last = select(func.max(CheckoutAttempt.number)).where(CheckoutAttempt.order_id == order.id)
    number = (db.session.scalar(last) or 0) + 1
    earliest, latest = now + SHORTEST_PAGE, now + LONGEST_PAGE
    attempt = CheckoutAttempt(
        order_id=order.id,
        number=number,
        idempotency_key=f"order:{order.public_id}:checkout:{number}",
        state="calling",
        cents=order.total_cents,
        created_at=now,
        expires_at=min(max(order.expires_at or latest, earliest), latest),
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _planned(order: Order, attempt: CheckoutAttempt) -> Attempt:
    return Attempt(
        attempt_id=attempt.id,
        order=order.public_id,
        number=attempt.number,
        idempotency_key=attempt.idempotency_key,
        session_id=attempt.session_id,
        url=attempt.url,
        cents=attempt.cents,
        currency=order.currency,
        email=order.contact_email,
        created_at=attempt.created_at,
        expires_at=attempt.expires_at,
    )


@housekeeping
def open_attempt(
    *, attempt: Attempt, facts: SessionFacts, actor: Actor, now: datetime
) -> OrderSeen:
    """Store the page that was opened; opening it twice changes nothing."""
    order = lock_order(attempt.order)
    row = db.session.get_one(CheckoutAttempt, attempt.attempt_id, populate_existing=True)
    if row.state == "calling":
        row.state, row.session_id, row.url = "open", facts.session_id, facts.url
        row.expires_at = facts.expires_at
        note_good_key(now=now)
        add_step(order, "checkout-opened", actor=actor, now=now, details={"attempt": row.number})
    db.session.flush()
    return get_order(order.public_id)


@housekeeping
def refuse_attempt(*, attempt: Attempt, actor: Actor, now: datetime, cancels_order: bool) -> None:
    """The payment service declined to open a page, or never opened one."""
    order = lock_order(attempt.order)
    row = db.session.get_one(CheckoutAttempt, attempt.attempt_id, populate_existing=True)
    if row.state != "calling":
        return
    row.state = "refused"
    add_step(order, "checkout-refused", actor=actor, now=now, details={"attempt": row.number})
    if cancels_order and order.status == Status.AWAITING.value:
        close_unpaid(order, Status.CANCELLED, actor=SYSTEM, now=now)


def wait_for_bank(order: Order, attempt: CheckoutAttempt, *, now: datetime) -> bool:
    """The buyer is done, the bank is not; whether that is news."""
    if attempt.state == "processing":
        return False
    attempt.state = "processing"
    db.session.flush()
    if order.payment not in {Paid.UNPAID.value, Paid.PENDING.value}:
        return False
    order.status, order.expires_at = Status.PROCESSING.value, None
    settle_money(order)
    add_step(order, "pending", actor=SYSTEM, now=now)
    hooks.order_waiting.announce(order.public_id, now)
    return True


def fail_attempt(
    order: Order, attempt: CheckoutAttempt, *, now: datetime, retry_until: datetime
) -> bool:
    """The bank said no: nothing came, what is held is free, and it may be tried again."""
    if attempt.state in {"failed", "complete"}:
        return False
    attempt.state = "failed"
    db.session.flush()
    if order.status not in {Status.PROCESSING.value, Status.AWAITING.value}:
        return False
    if order.payment not in {Paid.UNPAID.value, Paid.PENDING.value}:
        return False
    order.status, order.expires_at = Status.AWAITING.value, retry_until
    settle_money(order)
    add_step(order, "payment-failed", actor=SYSTEM, now=now)
    hooks.order_let_go.announce(order.public_id, now)
    return True
