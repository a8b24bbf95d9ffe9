"""Which pages of the payment service belong to what; what waits for its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select

from clinic.core.db import db
from clinic.payments.models import CheckoutAttempt, Dispute, Order, Payment, Refund
from clinic.payments.queries.orders import LIVE
from clinic.payments.rules.states import UNPAID, UNSETTLED, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttempt:
    """A page that may still bring money, and its order. ``session_id`` None: nobody answered."""

    attempt_id: int
    order: str
    number: int
    session_id: str | None
    idempotency_key: str
    created_at: datetime


def list_open(*, limit: int = 10_000) -> list[OpenAttempt]:
    """Every page that may still bring money, the oldest first."""
    wanted = _open_attempts().where(CheckoutAttempt.state.in_(LIVE))
    return _seen(wanted.order_by(CheckoutAttempt.id).limit(limit))


def list_to_close(*, now: datetime, limit: int = 50) -> list[OpenAttempt]:
    """Pages that should not be payable any more: their order is closed, paid, or its time over."""
    unpaid = Order.status.in_([status.value for status in UNPAID])
    wanted = _open_attempts().where(
        CheckoutAttempt.state.in_(("calling", "open")),
        or_(~unpaid, Order.payment != "unpaid", Order.expires_at <= now),
    )
    return _seen(wanted.order_by(CheckoutAttempt.id).limit(limit))


def list_over(*, now: datetime, limit: int = 200) -> list[str]:
    """Orders whose time to be paid is over."""
    wanted = select(Order.public_id).where(
        Order.status == Status.AWAITING.value,
        Order.payment == "unpaid",
        Order.expires_at <= now,
    )
    return list(db.session.scalars(wanted.order_by(Order.id).limit(limit)))


def _open_attempts() -> Select[CheckoutAttempt, str]:
    return select(CheckoutAttempt, Order.public_id).join(
        Order, Order.id == CheckoutAttempt.order_id
    )


def _seen(wanted: Select[CheckoutAttempt, str]) -> list[OpenAttempt]:
    return [
        OpenAttempt(
            attempt_id=one.id,
            order=order,
            number=one.number,
            session_id=one.session_id,
            idempotency_key=one.idempotency_key,
            created_at=one.created_at,
        )
        for one, order in db.session.execute(wanted)
    ]


def list_sessions_of_order(public_id: str) -> list[str]:
    """Every page of an order that is known by its id, the newest first."""
    wanted = (
        select(CheckoutAttempt.session_id)
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .where(Order.public_id == public_id, CheckoutAttempt.session_id.is_not(None))
    )
    found = db.session.scalars(wanted.order_by(CheckoutAttempt.number.desc()))
    return [one for one in found if one is not None]


def find_session_of_intent(intent_id: str) -> str | None:
    """The page that money was collected on with this intent."""
    paid = select(Payment.session_id).where(Payment.intent_id == intent_id)
    if (found := db.session.scalar(paid)) is not None:
        return found
    tried = select(CheckoutAttempt.session_id).where(CheckoutAttempt.intent_id == intent_id)
    return db.session.scalar(tried.limit(1))


def has_unsettled_refund(session_id: str) -> bool:
    """Whether money of this page is on its way back."""
    wanted = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.session_id == session_id,
            Refund.state.in_([state.value for state in UNSETTLED]),
        )
    )
    return db.session.scalar(wanted.limit(1)) is not None


def list_sessions_unsettled() -> list[str]:
    """Pages with money on its way back, or an open dispute."""
    refunds = (
        select(Payment.session_id)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state.in_([state.value for state in UNSETTLED]))
    )
    disputes = (
        select(Payment.session_id)
        .join(Dispute, Dispute.payment_id == Payment.id)
        .where(Dispute.closed_at.is_(None))
    )
    found = {*db.session.scalars(refunds), *db.session.scalars(disputes)}
    return sorted(one for one in found if one is not None)


def known_refunds(stripe_ids: Sequence[str]) -> dict[str, str]:
    """Refunds that are known here: the payment service's id and our state."""
    wanted = select(Refund.stripe_id, Refund.state).where(Refund.stripe_id.in_(stripe_ids))
    return {ident: state for ident, state in db.session.execute(wanted) if ident is not None}


def known_disputes(stripe_ids: Sequence[str]) -> dict[str, str]:
    """Disputes that are known here, with the status we know."""
    wanted = select(Dispute.stripe_id, Dispute.status).where(Dispute.stripe_id.in_(stripe_ids))
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def paid_sessions(session_ids: Sequence[str]) -> set[str]:
    """Which of these pages have brought money that we know of."""
    wanted = select(Payment.session_id).where(Payment.session_id.in_(session_ids))
    return {one for one in db.session.scalars(wanted) if one is not None}
