"""Giving money back, and cancelling orders by the clinic's rule."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core import hooks
from clinic.core.db import db, transaction
from clinic.core.values import Actor
from clinic.payments.checkout import resolve
from clinic.payments.gateway import (
    KeyRefused,
    NotThere,
    Patience,
    PaymentRefused,
    PaymentUnavailable,
    gateway,
    takes_payments,
)
from clinic.payments.operations.attempts import Attempt, live_attempt
from clinic.payments.operations.money import left_of, settle_entitlement, settle_money
from clinic.payments.operations.orders import Submission, close_unpaid, lock_order
from clinic.payments.operations.refusals import PaymentPending, RefundTooMuch, WrongOrderState
from clinic.payments.operations.returned import (
    ToSend,
    ask_refund,
    find_to_send,
    list_to_send,
    reserve_refund,
    settle_refund,
)
from clinic.payments.operations.story import add_step, note_refused_key
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.money import RefundSeen, get_refund, get_refund_policy
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.refunds import share
from clinic.payments.rules.states import GRANTED, UNPAID, RefundState, Status
from clinic.payments.settling import Foreign, settle_session

UNSENT_AFTER = timedelta(seconds=10)
"""Whoever asked for a refund sends for it at once; after that the worker does."""
KEY_LASTS = timedelta(hours=23)
"""The payment service forgets our keys after a day: what is older is looked for before it is sent
for again, because an answer that never reached us may have been a yes."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cancellation gives back by the rule that holds now."""

    percent: int
    cents: int


def request_refund(
    *,
    public_id: str,
    cents: int,
    reason: str,
    actor: Actor,
    now: datetime,
    submission: Submission | None = None,
) -> RefundSeen:
    """Give back so many cents of an order; what of it is told is pending until the bank has it.

    Of any order: of an analysis, of a visit, of whatever another slice sold by ``add_order``.
    The payment service not answering is no refusal: the money is reserved, and the worker goes on.
    Raises NotFound, RefundTooMuch (with ``left_cents``), PaymentRefused.
    """
    asked = ask_refund(
        public_id=public_id,
        cents=cents,
        reason=reason,
        source="staff",
        actor=actor,
        now=now,
        submission=submission,
    )
    waiting = find_to_send(asked.public_id)
    if waiting is None:
        return get_refund(asked.public_id)
    try:
        return send_refund(waiting, now=now, patience=Patience.PERSON)
    except PaymentUnavailable:
        return get_refund(asked.public_id)


def send_refund(refund: ToSend, *, now: datetime, patience: Patience) -> RefundSeen:
    """Ask the payment service for a refund, by one key however often.

    Raises PaymentUnavailable; PaymentRefused and RefundTooMuch when it declines, after looking why.
    """
    if (arrived := _arrived_before(refund, now, patience)) is not None:
        return arrived
    try:
        facts = gateway().create_refund(
            intent_id=refund.intent_id,
            cents=refund.cents,
            order=refund.order,
            ours=refund.public_id,
            patience=patience,
        )
    except KeyRefused:
        note_refused_key(now=now)
        raise
    except (PaymentRefused, NotThere):
        settle_refund(refund=refund, facts=None, now=now)
        _look_again(refund, now, patience)
        if _left_cents(refund.order) < refund.cents:
            raise RefundTooMuch(left_cents=_left_cents(refund.order)) from None
        raise PaymentRefused from None
    return settle_refund(refund=refund, facts=facts, now=now)


def _arrived_before(refund: ToSend, now: datetime, patience: Patience) -> RefundSeen | None:
    """The refund, if it is an old one and turns out to have been made there."""
    if now - refund.asked_at < KEY_LASTS:
        return None
    with suppress(Foreign, NotThere):
        settle_session(session_id=refund.session_id, now=now, patience=patience, thorough=True)
    seen = get_refund(refund.public_id)
    return seen if seen.state != RefundState.REQUESTED else None


def _look_again(refund: ToSend, now: datetime, patience: Patience) -> None:
    """Somebody may have given the money back there: see it before it is offered again."""
    try:
        settle_session(session_id=refund.session_id, now=now, patience=patience, thorough=True)
    except (Foreign, NotThere, PaymentUnavailable):
        return


def _left_cents(public_id: str) -> int:
    return get_order(public_id).held_cents


def send_waiting_refunds(*, now: datetime) -> int:
    """Send for every refund that nobody has sent for; answers how many were answered."""
    done = 0
    for waiting in list_to_send(before=now - UNSENT_AFTER):
        try:
            send_refund(waiting, now=now, patience=Patience.WORKER)
        except (PaymentRefused, RefundTooMuch):
            pass  # a task says so by now
        except PaymentUnavailable:
            return done
        done += 1
    return done


def keep_sending(*, now: datetime) -> None:
    """The worker's turn: refunds that wait; where no payments are taken there are none."""
    if takes_payments():
        send_waiting_refunds(now=now)


def quote_cancellation(*, public_id: str, notice: timedelta | None) -> Quote:
    """What cancelling gives back now; ``notice`` is the time until the visit, None without one."""
    order = get_order(public_id)
    percent = get_refund_policy().percent(Status(order.status), notice=notice)
    return Quote(percent, min(order.held_cents, share(cents=order.paid_cents, percent=percent)))


def cancel_order(
    *,
    public_id: str,
    actor: Actor,
    now: datetime,
    notice: timedelta | None = None,
    reason: str | None = None,
    cents: int | None = None,
) -> OrderSeen:
    """Cancel an order; of a paid one the rule's share goes back, or ``cents`` if staff say so.

    Whoever does what the rule does not say is named in the story, with the reason. An unpaid one
    is closed with the payment service first: if it turns out to be paid, PaymentPending says so.
    Raises NotFound, WrongOrderState, RefundTooMuch, PaymentUnavailable.
    """
    is_closed = _close_pages(public_id, actor, now)
    _cancel(
        is_closed=is_closed,
        public_id=public_id,
        actor=actor,
        now=now,
        notice=notice,
        reason=reason,
        cents=cents,
    )
    return get_order(public_id)


def _close_pages(public_id: str, actor: Actor, now: datetime) -> bool:
    """Close the page that may still bring money; whether there was one."""
    attempt = _find_live(public_id)
    if attempt is None:
        return False
    if attempt.session_id is None:
        found = resolve(attempt, actor=actor, now=now)
        if found is None:
            return False
    session_id = attempt.session_id or (found.session_id if found else "")
    gateway().expire_session(session_id, patience=Patience.PERSON)
    applied = settle_session(session_id=session_id, now=now, patience=Patience.PERSON)
    if applied.is_news and Status(applied.order.status) in GRANTED | {Status.PROCESSING}:
        raise PaymentPending
    return True


@transaction
def _find_live(public_id: str) -> Attempt | None:
    order = lock_order(public_id)
    row = live_attempt(order)
    if row is None or row.state == "processing":
        return None
    return Attempt(
        attempt_id=row.id,
        order=order.public_id,
        number=row.number,
        idempotency_key=row.idempotency_key,
        session_id=row.session_id,
        url=row.url,
        cents=row.cents,
        currency=order.currency,
        email=order.contact_email,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


@transaction
def _cancel(
    *,
    is_closed: bool,
    public_id: str,
    actor: Actor,
    now: datetime,
    notice: timedelta | None,
    reason: str | None,
    cents: int | None,
) -> None:
    order = lock_order(public_id)
    status = Status(order.status)
    if status is Status.EXPIRED and is_closed:  # by us, a moment ago
        order.status = Status.CANCELLED.value
        add_step(order, "cancelled", actor=actor, now=now, words=reason)
        return
    if status in {Status.CANCELLED, Status.EXPIRED}:
        return
    if status is Status.PROCESSING:
        raise PaymentPending
    if status is Status.AWAITING:
        if order.paid_cents > order.refunded_cents:
            raise WrongOrderState
        close_unpaid(order, Status.CANCELLED, actor=actor, now=now)
        return
    cancel_paid(order_id=public_id, actor=actor, now=now, notice=notice, reason=reason, cents=cents)
    hooks.order_cancelled.announce(public_id, now)


def cancel_paid(
    *,
    order_id: str,
    actor: Actor,
    now: datetime,
    notice: timedelta | None,
    reason: str | None = None,
    cents: int | None = None,
) -> None:
    """Cancel a paid order inside the running transaction, and reserve what goes back.

    Once: a cancelled order stays as it is. The visit is the caller's: it was cancelled already, or
    ``order_cancelled`` is announced.
    """
    order = lock_order(order_id)
    if order.status == Status.CANCELLED.value:
        return
    percent = get_refund_policy().percent(Status(order.status), notice=notice)
    left = sum(one.cents for one in left_of(order))
    by_rule = min(left, share(cents=order.paid_cents, percent=percent))
    back = by_rule if cents is None else cents
    order.status = Status.CANCELLED.value
    db.session.flush()
    details = {"percent": percent, "rule_cents": by_rule, "cents": back}
    add_step(order, "cancelled", actor=actor, now=now, details=details, words=reason)
    if back > 0:
        reserve_refund(order, cents=back, reason=reason, source="policy", actor=actor, now=now)
    settle_money(order)
    settle_entitlement(order, now=now)
    tell_buyer("order-cancelled", order, actor=actor, now=now)


def call_off(*, order_id: str, reason: str | None, actor: Actor, now: datetime) -> None:
    """End an order of any kind because the clinic will not do what was ordered; all goes back.

    The seam for who sells by ``add_order`` and then declines (a paid request, say): called inside
    the transaction that declines, and once is enough, so declining twice gives back once. What is
    left of a paid order is reserved here and sent by the worker; nothing is asked of the payment
    service now. An unpaid order is closed, and the worker closes its page; money that is still on
    its way with a bank, or comes all the same, is ``paid-after-cancel`` on a person's list. Raises
    NotFound.
    """
    order = lock_order(order_id)
    status = Status(order.status)
    if status in UNPAID:
        close_unpaid(order, Status.CANCELLED, actor=actor, now=now)
    elif status in GRANTED:
        left = sum(one.cents for one in left_of(order))
        cancel_paid(order_id=order_id, actor=actor, now=now, notice=None, reason=reason, cents=left)
