"""Orders as they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.payments.models import (
    CheckoutAttempt,
    Dispute,
    Entitlement,
    Order,
    OrderStep,
    OrderTask,
    Payment,
)
from clinic.payments.rules.facts import takes_money
from clinic.payments.rules.states import Kind, Status
from clinic.people.models import Patient

LIVE = ("calling", "open", "processing")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order with everything a page or an answer says of it. ``tasks`` are the open codes.

    ``checkout_url`` is the page of the payment service that is open now, if there is one.
    ``is_entitled``: what was paid for may be used (it was paid, and not all given back).
    ``contested_cents`` are with the bank or lost to it; lists do not tell them. ``has_failed``: the
    last attempt to pay was by a method that takes days, and brought nothing.
    """

    order_id: int
    public_id: str
    kind: str
    title: str
    product: str | None
    about: str | None
    status: str
    payment: str
    disputed: bool
    total_cents: int
    paid_cents: int
    refunded_cents: int
    currency: str
    is_link: bool
    is_entitled: bool
    expires_at: datetime | None
    created_at: datetime
    paid_at: datetime | None
    version: int
    link_version: int
    patient: str
    patient_id: int
    given_name: str
    family_name: str
    email: str | None
    checkout_url: str | None
    tasks: tuple[str, ...]
    contested_cents: int = 0
    has_failed: bool = False

    @property
    def held_cents(self) -> int:
        """What is here of the money: received, less what went back and what is contested."""
        return max(0, self.paid_cents - self.refunded_cents - self.contested_cents)

    @property
    def name(self) -> str:
        """Who ordered."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders, the newest first, and the cursor of the next page or None."""

    orders: tuple[OrderSeen, ...]
    next_cursor: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One step of an order; ``details`` are numbers and codes, ``words`` what somebody typed."""

    at: datetime
    step: str
    actor_kind: str
    actor_name: str
    status: str
    payment: str
    details: dict[str, Any]
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """Something on a person's list; ``order`` is None where no order of ours carries it."""

    public_id: str
    code: str
    reference: str
    details: dict[str, Any]
    opened_at: datetime
    order: OrderSeen | None


def get_order(public_id: str) -> OrderSeen:
    """The order of that public id. Raises NotFound."""
    if not is_public_id(public_id):
        raise NotFound
    found = _orders(select(Order).where(Order.public_id == public_id), is_whole=True)
    if not found:
        raise NotFound
    return found[0]


def find_order_of_session(session_id: str) -> OrderSeen | None:
    """The order that a page of the payment service was opened for; None for one of others."""
    if not (session_id.isascii() and session_id.isprintable()):
        return None
    wanted = (
        select(Order)
        .join(CheckoutAttempt, CheckoutAttempt.order_id == Order.id)
        .where(CheckoutAttempt.session_id == session_id)
    )
    found = _orders(wanted)
    return found[0] if found else None


def find_order_about(about: str) -> OrderSeen | None:
    """The newest order for what is named (``appointment:...``)."""
    wanted = select(Order).where(Order.about == about).order_by(Order.id.desc()).limit(1)
    found = _orders(wanted)
    return found[0] if found else None


def list_orders(
    *,
    statuses: Sequence[Status] = (),
    kind: Kind | None = None,
    patient: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> OrderPage:
    """Orders, the newest first, a page at a time (keyset); of every status and kind else."""
    wanted = select(Order)
    if statuses:
        wanted = wanted.where(Order.status.in_([status.value for status in statuses]))
    if kind is not None:
        wanted = wanted.where(Order.kind == kind.value)
    if patient is not None:
        owner = select(Patient.id).where(Patient.public_id == patient)
        wanted = wanted.where(Order.patient_id.in_(owner))
    if after is not None:
        at, ident = after
        wanted = wanted.where(
            (Order.created_at < at) | ((Order.created_at == at) & (Order.id < ident))
        )
    wanted = wanted.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit + 1)
    found = _orders(wanted)
    page = found[:limit]
    more = len(found) > limit
    return OrderPage(tuple(page), (page[-1].created_at, page[-1].order_id) if more else None)


def list_story(public_id: str) -> tuple[StoryLine, ...]:
    """Every step of an order, the oldest first."""
    wanted = (
        select(OrderStep)
        .join(Order, Order.id == OrderStep.order_id)
        .where(Order.public_id == public_id)
        .order_by(OrderStep.id)
    )
    return tuple(
        StoryLine(
            at=one.at,
            step=one.step,
            actor_kind=one.actor_kind,
            actor_name=one.actor_name,
            status=one.status,
            payment=one.payment,
            details=dict(one.details),
            words=one.words,
        )
        for one in db.session.scalars(wanted)
    )


def list_tasks(*, order: str | None = None, limit: int = 200) -> tuple[TaskSeen, ...]:
    """What a person must look at, the oldest first; of one order, or of all."""
    wanted = select(OrderTask).where(OrderTask.closed_at.is_(None))
    if order is not None:
        named = select(Order.id).where(Order.public_id == order)
        wanted = wanted.where(OrderTask.order_id.in_(named))
    tasks = list(
        db.session.scalars(wanted.order_by(OrderTask.opened_at, OrderTask.id).limit(limit))
    )
    idents = {task.order_id for task in tasks if task.order_id is not None}
    orders = {one.order_id: one for one in _orders(select(Order).where(Order.id.in_(idents)))}
    return tuple(
        TaskSeen(
            public_id=task.public_id,
            code=task.code,
            reference=task.reference,
            details=dict(task.details),
            opened_at=task.opened_at,
            order=orders.get(task.order_id) if task.order_id is not None else None,
        )
        for task in tasks
    )


def count_tasks() -> int:
    """How many things wait for a person."""
    wanted = select(OrderTask.id).where(OrderTask.closed_at.is_(None)).limit(1000)
    return len(db.session.scalars(wanted).all())


def _orders(wanted: Select[Order], *, is_whole: bool = False) -> list[OrderSeen]:
    """The orders; ``is_whole``: with what is contested of them, which no list tells."""
    rows = db.session.execute(
        wanted.join(Patient, Patient.id == Order.patient_id)
        .outerjoin(Entitlement, Entitlement.order_id == Order.id)
        .add_columns(Patient, Entitlement)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return []
    idents = [row[0].id for row in rows]
    tasks, attempts = _open_codes(idents), _last_attempts(idents)
    contested = _contested(idents) if is_whole else {}
    return [
        _seen(
            order,
            patient,
            is_entitled=right is not None and right.revoked_at is None,
            tasks=tasks.get(order.id, ()),
            attempt=attempts.get(order.id),
            contested_cents=contested.get(order.id, 0),
        )
        for order, patient, right in rows
    ]


def _seen(
    order: Order,
    patient: Patient,
    *,
    is_entitled: bool,
    tasks: tuple[str, ...],
    attempt: CheckoutAttempt | None,
    contested_cents: int,
) -> OrderSeen:
    state = attempt.state if attempt else ""
    return OrderSeen(
        order_id=order.id,
        public_id=order.public_id,
        kind=order.kind,
        title=order.title,
        product=order.product,
        about=order.about,
        status=order.status,
        payment=order.payment,
        disputed=order.disputed,
        total_cents=order.total_cents,
        paid_cents=order.paid_cents,
        refunded_cents=order.refunded_cents,
        currency=order.currency,
        is_link=order.is_link,
        is_entitled=is_entitled,
        expires_at=order.expires_at,
        created_at=order.created_at,
        paid_at=order.paid_at,
        version=order.version,
        link_version=order.link_version,
        patient=patient.public_id,
        patient_id=patient.id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        email=order.contact_email,
        checkout_url=attempt.url if attempt and state == "open" else None,
        tasks=tasks,
        contested_cents=contested_cents,
        has_failed=state == "failed",
    )


def _open_codes(idents: Sequence[int]) -> dict[int, tuple[str, ...]]:
    wanted = (
        select(OrderTask.order_id, OrderTask.code)
        .where(OrderTask.order_id.in_(idents), OrderTask.closed_at.is_(None))
        .order_by(OrderTask.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for ident, code in db.session.execute(wanted):
        if ident is not None and code not in found.get(ident, ()):
            found[ident] = (*found.get(ident, ()), code)
    return found


def _last_attempts(idents: Sequence[int]) -> dict[int, CheckoutAttempt]:
    """The last attempt to pay of each order: the only one that may be open."""
    wanted = select(CheckoutAttempt).where(CheckoutAttempt.order_id.in_(idents))
    wanted = wanted.order_by(CheckoutAttempt.number)
    found = db.session.scalars(wanted.execution_options(populate_existing=True))
    return {one.order_id: one for one in found}


def _contested(idents: Sequence[int]) -> dict[int, int]:
    """What of each order's money is with the bank or lost to it."""
    wanted = (
        select(Payment.order_id, Dispute.status, Dispute.cents)
        .join(Dispute, Dispute.payment_id == Payment.id)
        .where(Payment.order_id.in_(idents))
    )
    found: dict[int, int] = {}
    for ident, status, cents in db.session.execute(wanted):
        if takes_money(status):
            found[ident] = found.get(ident, 0) + cents
    return found
