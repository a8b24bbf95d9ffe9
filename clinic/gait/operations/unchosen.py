"""Paid analyses for which nobody has chosen a time: asked once more, and then a person's matter.

Otherwise money could lie here for ever with no visit, no refund and nobody who looks.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db, housekeeping
from clinic.core.values import SYSTEM
from clinic.payments.models import Order, OrderTask
from clinic.payments.operations.orders import lock_order
from clinic.payments.operations.story import open_task
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.orders import get_order
from clinic.payments.rules.states import Kind, Status
from clinic.payments.rules.tasks import Task

UNCHOSEN_FOR = timedelta(days=7)
AT_ONCE = 50


def list_unchosen(*, now: datetime) -> int:
    """Put paid analyses that have had no time for a week on a person's list; answers how many.

    Once for each order: what a person has settled without a time is not brought up again.
    """
    listed = select(OrderTask.order_id).where(
        OrderTask.order_id == Order.id, OrderTask.code == Task.PAID_UNBOOKED.value
    )
    wanted = select(Order.public_id).where(
        Order.status == Status.PAID.value,
        Order.kind == Kind.PRODUCT.value,
        Order.paid_at <= now - UNCHOSEN_FOR,
        ~listed.exists(),
    )
    found = list(db.session.scalars(wanted.order_by(Order.id).limit(AT_ONCE)))
    return sum(_list(public_id, now) for public_id in found)


@housekeeping
def _list(public_id: str, now: datetime) -> bool:
    order = lock_order(public_id)
    if order.status != Status.PAID.value or not get_order(public_id).is_entitled:
        return False
    open_task(Task.PAID_UNBOOKED, order=order, now=now, details={"why": "not-chosen"})
    tell_buyer("order-choose-time", order, actor=SYSTEM, now=now)
    return True
