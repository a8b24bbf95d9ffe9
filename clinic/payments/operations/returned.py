"""Refunds: asked for here or made there, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.core.db import db, housekeeping
from clinic.core.values import SYSTEM, Actor
from clinic.payments.models import Order, Payment, Refund
from clinic.payments.models.guards import REFUNDS, is_refused_by
from clinic.payments.operations.money import (
    book,
    left_of,
    settle_entitlement,
    settle_money,
)
from clinic.payments.operations.orders import Submission, lock_order
from clinic.payments.operations.receipts import issue_receipt
from clinic.payments.operations.refusals import RefundTooMuch, SubmissionMismatch
from clinic.payments.operations.story import add_step, close_tasks, note_good_key, open_task
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.money import RefundSeen, get_refund, refund_seen
from clinic.payments.rules.facts import RefundFacts
from clinic.payments.rules.states import UNSETTLED, RefundState
from clinic.payments.rules.tasks import Task

STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}
RANK = {
    RefundState.REQUESTED: 0,
    RefundState.PENDING: 1,
    RefundState.SUCCEEDED: 2,
    RefundState.FAILED: 3,
    RefundState.CANCELED: 3,
}
"""A refund only moves on: what was read before and applied late changes nothing."""
LOST = frozenset({RefundState.FAILED, RefundState.CANCELED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSend:
    """A refund that the payment service is to be asked for, and since when."""

    public_id: str
    order: str
    session_id: str
    intent_id: str
    cents: int
    asked_at: datetime


@housekeeping
def ask_refund(
    *,
    public_id: str,
    cents: int,
    reason: str | None,
    source: str,
    actor: Actor,
    now: datetime,
    submission: Submission | None = None,
) -> RefundSeen:
    """Reserve money to be given back of an order; the worker, or whoever asked, sends for it.

    What was taken at the desk is given back there and then. The same submission again answers the
    first refund. Raises RefundTooMuch with ``left_cents``.
    """
    order = lock_order(public_id)
    if (known := _submitted(submission)) is not None:
        return refund_seen(known)
    refund = reserve_refund(order, cents=cents, reason=reason, source=source, actor=actor, now=now)
    if submission is not None:
        refund.submission, refund.submitted = submission.stored_key(), submission.content
    db.session.flush()
    return refund_seen(refund)


def reserve_refund(
    order: Order, *, cents: int, reason: str | None, source: str, actor: Actor, now: datetime
) -> Refund:
    """The same inside the running transaction."""
    left = left_of(order)
    fitting = next((one.payment for one in left if one.cents >= cents), None)
    if fitting is None or cents <= 0:
        raise RefundTooMuch(left_cents=max((one.cents for one in left), default=0))
    refund = Refund(
        payment_id=fitting.id,
        cents=cents,
        state=RefundState.REQUESTED.value,
        source=source,
        requested_by=actor.name,
        created_at=now,
    )
    refund.reason = reason
    db.session.add(refund)
    _flush_within_payment()
    add_step(order, "refund-asked", actor=actor, now=now, details={"cents": cents}, words=reason)
    if fitting.intent_id is None:
        _move_on(order, refund, RefundState.SUCCEEDED, now=now, reference=refund.public_id)
        settle_money(order)
        settle_entitlement(order, now=now)
    return refund


def _flush_within_payment() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if is_refused_by(error, REFUNDS):
            raise RefundTooMuch(left_cents=0) from error
        raise


def _submitted(submission: Submission | None) -> Refund | None:
    if submission is None:
        return None
    wanted = select(Refund).where(Refund.submission == submission.stored_key())
    found = db.session.scalars(wanted).one_or_none()
    if found is not None and found.submitted != submission.content:
        raise SubmissionMismatch
    return found


def list_to_send(*, before: datetime, limit: int = 50) -> list[ToSend]:
    """Refunds that were asked for before then and that nobody has sent for."""
    wanted = (
        select(Refund, Payment, Order.public_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Refund.state == RefundState.REQUESTED.value, Refund.created_at <= before)
        .order_by(Refund.id)
        .limit(limit)
    )
    return [_to_send(*row) for row in db.session.execute(wanted)]


def find_to_send(public_id: str) -> ToSend | None:
    """The same for one refund; None when it was sent for, or needs none."""
    wanted = (
        select(Refund, Payment, Order.public_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Refund.public_id == public_id, Refund.state == RefundState.REQUESTED.value)
    )
    row = db.session.execute(wanted).one_or_none()
    return _to_send(*row) if row else None


def _to_send(refund: Refund, payment: Payment, order: str) -> ToSend:
    return ToSend(
        public_id=refund.public_id,
        order=order,
        session_id=payment.session_id or "",
        intent_id=payment.intent_id or "",
        cents=refund.cents,
        asked_at=refund.created_at,
    )


@housekeeping
def settle_refund(*, refund: ToSend, facts: RefundFacts | None, now: datetime) -> RefundSeen:
    """Write what the payment service answered; None: it declined."""
    order = lock_order(refund.order)
    row = db.session.scalars(select(Refund).where(Refund.public_id == refund.public_id)).one()
    payment = db.session.get_one(Payment, row.payment_id)
    if facts is not None:
        note_good_key(now=now)
        apply_refunds(order, payment, [facts], now=now)
    elif row.state == RefundState.REQUESTED.value:
        _move_on(order, row, RefundState.FAILED, now=now, reference=row.public_id)
    settle_money(order)
    settle_entitlement(order, now=now)
    db.session.flush()
    return get_refund(refund.public_id)


def apply_refunds(
    order: Order, payment: Payment, told: Sequence[RefundFacts], *, now: datetime
) -> None:
    """Let the refunds of a payment be what the payment service says; ours are known by their id."""
    for facts in sorted(told, key=lambda one: (one.created_at, one.stripe_id)):
        state = STATES.get(facts.status, RefundState.PENDING)
        row = _row_of(payment, facts) or _external(order, payment, facts, state, now)
        if row.stripe_id is None:
            row.stripe_id = facts.stripe_id
        if RANK[state] > RANK[RefundState(row.state)]:
            _move_on(order, row, state, now=now, reference=facts.stripe_id)


def _row_of(payment: Payment, facts: RefundFacts) -> Refund | None:
    mine = select(Refund).where(Refund.payment_id == payment.id)
    known = db.session.scalars(mine.where(Refund.stripe_id == facts.stripe_id)).one_or_none()
    if known is None and facts.ours is not None:
        ours = mine.where(Refund.public_id == facts.ours, Refund.stripe_id.is_(None))
        known = db.session.scalars(ours).one_or_none()
    return known


def _external(
    order: Order, payment: Payment, facts: RefundFacts, state: RefundState, now: datetime
) -> Refund:
    """A refund that somebody made there: a fact. What was only asked for here gives way."""
    if state not in LOST:
        _make_room(order, payment, facts.cents, now)
    row = Refund(
        payment_id=payment.id,
        stripe_id=facts.stripe_id,
        cents=facts.cents,
        state=RefundState.PENDING.value if state not in LOST else state.value,
        source="external",
        requested_by="payment service",
        created_at=facts.created_at,
        settled_at=now if state in LOST else None,
    )
    db.session.add(row)
    db.session.flush()
    add_step(order, "refund-outside", actor=SYSTEM, now=now, details={"cents": facts.cents})
    if not payment.is_surplus:
        open_task(
            Task.EXTERNAL_REFUND,
            order=order,
            now=now,
            reference=facts.stripe_id,
            details={"cents": facts.cents},
        )
    return row


def _make_room(order: Order, payment: Payment, cents: int, now: datetime) -> None:
    mine = select(Refund).where(
        Refund.payment_id == payment.id,
        Refund.state == RefundState.REQUESTED.value,
        Refund.stripe_id.is_(None),
    )
    left = next(one.cents for one in left_of(order) if one.payment.id == payment.id)
    for row in db.session.scalars(mine.order_by(Refund.id.desc())):
        if left >= cents:
            return
        left += row.cents
        _move_on(order, row, RefundState.FAILED, now=now, reference=row.public_id)


def _move_on(
    order: Order, row: Refund, state: RefundState, *, now: datetime, reference: str
) -> None:
    before = RefundState(row.state)
    row.state = state.value
    row.settled_at = None if state in UNSETTLED else now
    db.session.flush()
    details = {"cents": row.cents}
    if state is RefundState.PENDING:
        add_step(order, "refund-pending", actor=SYSTEM, now=now, details=details)
    elif state is RefundState.SUCCEEDED:
        _arrived(order, row, reference, now)
    else:
        if before is RefundState.SUCCEEDED:
            book(order, "refund-returned", reference=reference, cents=row.cents, now=now)
        add_step(order, "refund-failed", actor=SYSTEM, now=now, details=details)
        open_task(Task.REFUND_FAILED, order=order, now=now, reference=reference, details=details)


def _arrived(order: Order, row: Refund, reference: str, now: datetime) -> None:
    payment = db.session.get_one(Payment, row.payment_id)
    book(
        order,
        "refund",
        reference=reference,
        cents=row.cents,
        now=now,
        currency=payment.currency,
    )
    settle_money(order)
    add_step(order, "refunded", actor=SYSTEM, now=now, details={"cents": row.cents})
    if payment.is_surplus:
        close_tasks(
            Task.DUPLICATE_PAYMENT,
            order=order,
            actor=SYSTEM,
            now=now,
            reference=payment.session_id,
        )
    issue_receipt(order, now=now, refund=row)
    tell_buyer("order-refunded", order, actor=SYSTEM, now=now)
