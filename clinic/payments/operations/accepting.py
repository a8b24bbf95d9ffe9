"""Letting what came be enough: a person's word for money that does not fit its order."""

from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.values import Actor
from clinic.payments.models import Order, OrderTask, Payment
from clinic.payments.operations.money import left_of
from clinic.payments.operations.orders import grant, lock_order
from clinic.payments.operations.refusals import OrderDisputed, WrongOrderState
from clinic.payments.operations.story import add_step, close_tasks
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.states import GRANTED, Status
from clinic.payments.rules.tasks import Task

LONGEST_REASON = 500


@transaction
def accept_amount(*, public_id: str, reason: str, actor: Actor, now: datetime) -> OrderSeen:
    """Grant an order for the amount that came instead of the one that was asked, and say why.

    From here on it is paid like any other: receipt, letter, the wished time. Raises Invalid without
    a reason, OrderDisputed, and WrongOrderState where no such payment waits: nothing came, it went
    back, it came in another currency, the order was cancelled, or it was accepted already.
    """
    why = reason.strip()
    if not 0 < len(why) <= LONGEST_REASON:
        raise Invalid({"reason": ["Say why, in at most 500 characters."]})
    order = lock_order(public_id)
    if order.disputed:
        raise OrderDisputed
    payment = _waiting(order)
    if payment is None:
        raise WrongOrderState(order_status=order.status)
    details = {"cents": payment.cents, "asked": order.total_cents}
    add_step(order, "amount-accepted", actor=actor, now=now, details=details, words=why)
    close_tasks(Task.AMOUNT_MISMATCH, order=order, actor=actor, now=now)
    grant(order, payment, is_wanted=True, actor=actor, now=now)
    return get_order(public_id)


def _waiting(order: Order) -> Payment | None:
    """The payment that a person was asked to look at, if all of it is still here."""
    task = select(OrderTask.id).where(
        OrderTask.order_id == order.id,
        OrderTask.code == Task.AMOUNT_MISMATCH.value,
        OrderTask.closed_at.is_(None),
    )
    status = Status(order.status)
    if status in GRANTED or status is Status.CANCELLED or db.session.scalar(task) is None:
        return None
    for left in left_of(order):
        is_whole = left.cents == left.payment.cents and left.payment.currency == order.currency
        if not left.payment.is_surplus and is_whole:
            return left.payment
    return None
