"""The money of one visit as its page tells it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.desk.queries.money import GONE, about, find_open_order, list_visit_money
from clinic.desk.rules.money import VisitMoney
from clinic.gait.models import GaitOrder
from clinic.payments.models import Order, Payment, Receipt, Refund
from clinic.payments.rules.states import RefundState
from clinic.people.models import Patient
from clinic.scheduling.models import VisitCharge
from clinic.scheduling.queries.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """Money that was taken for a visit, with its receipt."""

    order: str
    method: str
    cents: int
    refunded_cents: int
    reference: str | None
    receipt: str | None
    number: int | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ChargeSeen:
    """What somebody said is due, and why."""

    cents: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLedger:
    """``money`` is None where nothing is due and nothing was paid.

    ``bought_by`` is the order that bought the visit, ``asked_by`` the one whose link waits.
    """

    money: VisitMoney | None
    charge: ChargeSeen | None
    payments: tuple[PaymentLine, ...]
    bought_by: str | None
    asked_by: str | None
    email: str | None


def get_visit_ledger(visit: Visit) -> VisitLedger:
    """Everything about the money of a visit: six queries."""
    asked = find_open_order(visit.public_id)
    return VisitLedger(
        money=list_visit_money([visit]).get(visit.public_id),
        charge=_charge(visit.appointment_id),
        payments=_payments(visit.public_id),
        bought_by=_buying_order(visit.appointment_id),
        asked_by=asked[0] if asked else None,
        email=db.session.scalar(select(Patient.email).where(Patient.public_id == visit.patient)),
    )


def _charge(appointment_id: int) -> ChargeSeen | None:
    wanted = select(VisitCharge).where(VisitCharge.appointment_id == appointment_id)
    found = db.session.scalars(wanted.order_by(VisitCharge.id.desc()).limit(1)).first()
    return ChargeSeen(found.cents, found.reason or "", found.set_by) if found else None


def _buying_order(appointment_id: int) -> str | None:
    """The public id of the order with which a visit was bought."""
    wanted = (
        select(Order.public_id)
        .join(GaitOrder, GaitOrder.order_id == Order.id)
        .where(GaitOrder.appointment_id == appointment_id, Order.status.not_in(GONE))
    )
    return db.session.scalar(wanted.limit(1))


def _payments(visit: str) -> tuple[PaymentLine, ...]:
    """What was taken for a visit, the oldest first."""
    back = (
        select(Refund.payment_id, func.sum(Refund.cents).label("cents"))
        .where(Refund.state == RefundState.SUCCEEDED.value)
        .group_by(Refund.payment_id)
        .subquery()
    )
    wanted = (
        select(Payment, Order.public_id, Receipt.public_id, Receipt.number, back.c.cents)
        .join(Order, Order.id == Payment.order_id)
        .outerjoin(Receipt, Receipt.payment_id == Payment.id)
        .outerjoin(back, back.c.payment_id == Payment.id)
        .where(Order.about == about(visit))
        .order_by(Payment.id)
    )
    return tuple(
        PaymentLine(
            order=order,
            method=one.method,
            cents=one.cents,
            refunded_cents=int(returned or 0),
            reference=one.reference,
            receipt=receipt,
            number=number,
            at=one.paid_at,
            by=one.recorded_by,
        )
        for one, order, receipt, number, returned in db.session.execute(wanted)
    )
