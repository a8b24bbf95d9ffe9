"""Orders: made, paid at the desk, closed, and moved on by what becomes of the visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from clinic.core import hooks
from clinic.core.crypto import keyring
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row
from clinic.core.values import SYSTEM, Actor
from clinic.payments.models import CheckoutAttempt, Entitlement, Order, Payment, RefundPolicy
from clinic.payments.operations.money import book, settle_money
from clinic.payments.operations.receipts import issue_receipt
from clinic.payments.operations.refusals import AlreadyPaid, SubmissionMismatch, WrongOrderState
from clinic.payments.operations.story import add_step, open_task
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.refunds import Policy, policy_of
from clinic.payments.rules.states import FORWARD, UNPAID, Kind, Paid, Status
from clinic.payments.rules.tasks import Task

SUBMISSIONS_LAST = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What is ordered, at the price that holds now. ``currency`` in three small letters."""

    kind: Kind
    title: str
    patient_id: int
    email: str | None
    total_cents: int
    currency: str
    expires_at: datetime
    product: str | None = None
    about: str | None = None
    price_version: int | None = None
    is_link: bool = False
    submission: "Submission | None" = None


@dataclass(frozen=True, slots=True)
class Submission:
    """By what a request is known when it is sent again, and what it asked for."""

    key: str
    content: str

    def stored_key(self) -> str:
        """The key as it is stored: a keyed hash."""
        return keyring().mac("order-submission", self.key)


def add_order(asked: NewOrder, *, actor: Actor, now: datetime) -> Order:
    """Write an order, inside the running transaction. Where nothing is due it is paid at once."""
    order = Order(
        kind=asked.kind.value,
        product=asked.product,
        title=asked.title,
        about=asked.about,
        patient_id=asked.patient_id,
        contact_email=asked.email,
        status=Status.AWAITING.value,
        payment=Paid.UNPAID.value,
        total_cents=asked.total_cents,
        currency=asked.currency,
        price_version=asked.price_version,
        is_link=asked.is_link,
        expires_at=asked.expires_at,
        created_at=now,
    )
    if asked.submission is not None:
        order.submission = asked.submission.stored_key()
        order.submitted = asked.submission.content
    db.session.add(order)
    db.session.flush()
    add_step(order, "ordered", actor=actor, now=now, details={"cents": order.total_cents})
    return order


def find_submitted(submission: Submission | None, *, now: datetime) -> Order | None:
    """The order that this very request made within a day; inside a transaction.

    An older one lets the key go: it is free again. Raises SubmissionMismatch.
    """
    if submission is None:
        return None
    wanted = select(Order).where(Order.submission == submission.stored_key()).with_for_update()
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is not None and found.created_at <= now - SUBMISSIONS_LAST:
        found.submission = found.submitted = None
        db.session.flush()
        return None
    if found is not None and found.submitted != submission.content:
        raise SubmissionMismatch
    return found


def lock_order(public_id: str) -> Order:
    """The order, locked until the end of the transaction. Raises NotFound."""
    return lock_row(Order, public_id)


def grant(order: Order, payment: Payment, *, is_wanted: bool, actor: Actor, now: datetime) -> None:
    """Let a payment that fits be the order's: granted, receipted, told, announced; once."""
    settle_money(order)
    order.status, order.paid_at, order.expires_at = Status.PAID.value, now, None
    db.session.add(Entitlement(order_id=order.id, granted_at=now))
    issue_receipt(order, now=now, payment=payment)
    add_step(
        order, "paid", actor=actor, now=now, details={"cents": payment.cents, "by": payment.method}
    )
    if not is_wanted:
        open_task(Task.PAID_AFTER_CANCEL, order=order, now=now)
    tell_buyer("order-paid", order, actor=actor, now=now)
    hooks.order_paid.announce(order.public_id, is_wanted, now)


def grant_free(order: Order, *, actor: Actor, now: datetime) -> None:
    """Grant an order that costs nothing, without asking anybody for money."""
    payment = take_money(order, method="none", cents=0, actor=actor, now=now)
    grant(order, payment, is_wanted=True, actor=actor, now=now)


def take_money(
    order: Order,
    *,
    method: str,
    cents: int,
    actor: Actor,
    now: datetime,
    is_surplus: bool = False,
    reference: str | None = None,
) -> Payment:
    """Record money that came in here, past the payment service."""
    payment = Payment(
        order_id=order.id,
        method=method,
        cents=cents,
        currency=order.currency,
        discount_cents=0,
        tax_cents=0,
        is_surplus=is_surplus,
        reference=reference,
        recorded_by=actor.name,
        paid_at=now,
    )
    db.session.add(payment)
    db.session.flush()
    book(order, "payment", reference=payment.public_id, cents=cents, now=now)
    return payment


@transaction
def pay_at_desk(*, public_id: str, method: str, actor: Actor, now: datetime) -> OrderSeen:
    """Note that the whole sum was paid at the desk, by ``cash`` or ``terminal``; once.

    A page that is still open with the payment service is closed by the worker; money that comes
    through it all the same is flagged. Raises AlreadyPaid, WrongOrderState.
    """
    if method not in {"cash", "terminal"}:
        raise Invalid({"method": ["Choose cash or terminal."]})
    order = lock_order(public_id)
    if order.payment not in {Paid.UNPAID.value, Paid.PENDING.value}:
        raise AlreadyPaid
    if order.status == Status.CANCELLED.value:
        raise WrongOrderState
    payment = take_money(order, method=method, cents=order.total_cents, actor=actor, now=now)
    grant(order, payment, is_wanted=True, actor=actor, now=now)
    return get_order(public_id)


def advance(
    order: Order,
    status: Status,
    *,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Move a paid order on as its visit goes on: scheduled, recorded, released, or back.

    Inside the running transaction; the same status again changes nothing. Raises WrongOrderState.
    """
    before = Status(order.status)
    if before is status:
        return
    if status not in FORWARD.get(before, frozenset()):
        raise WrongOrderState(order_status=before.value)
    order.status = status.value
    add_step(order, status.value, actor=actor, now=now, details=details)


@transaction
def set_refund_policy(*, policy: Policy, actor: Actor, now: datetime) -> None:
    """Let another rule hold for cancellations from now on; Invalid when it can be none."""
    try:
        checked = policy_of(policy.as_json())
    except ValueError as error:
        raise Invalid({"policy": [str(error)]}) from error
    db.session.add(RefundPolicy(rules=checked.as_json(), set_at=now, set_by=actor.name))


def close_unpaid(order: Order, status: Status, *, actor: Actor, now: datetime) -> None:
    """End an order for which no money came, and free what is held for it."""
    order.status, order.submission, order.submitted = status.value, None, None
    settle_money(order)
    add_step(order, status.value, actor=actor, now=now)
    hooks.order_let_go.announce(order.public_id, now)


@transaction
def expire_order(*, public_id: str, now: datetime) -> bool:
    """Let an order whose time is over expire, unless it was paid or may still be; whether it did.

    An attempt that may still bring money is closed with the payment service first.
    """
    order = lock_order(public_id)
    is_over = order.expires_at is not None and order.expires_at <= now
    if order.status != Status.AWAITING.value or order.payment != Paid.UNPAID.value or not is_over:
        return False
    live = select(CheckoutAttempt.id).where(
        CheckoutAttempt.order_id == order.id,
        CheckoutAttempt.state.in_(("calling", "open", "processing")),
    )
    if db.session.scalar(live.limit(1)) is not None:
        return False
    close_unpaid(order, Status.EXPIRED, actor=SYSTEM, now=now)
    return True


def may_be_paid(order: Order, *, now: datetime) -> bool:
    """Whether a page to pay may be opened."""
    is_over = order.expires_at is not None and order.expires_at <= now
    return order.status in UNPAID and not is_over
