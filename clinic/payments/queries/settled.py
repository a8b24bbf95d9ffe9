"""What a person has settled: who, when, and in what words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM
from clinic.payments.models import Order, OrderTask


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledTask:
    """A task that somebody took off the list. ``order`` is a public id, None where none bears it.

    ``reference`` is what it was about there: an event, a payment, a refund.
    """

    code: str
    reference: str
    order: str | None
    closed_at: datetime
    closed_by: str
    note: str | None


def list_settled(*, limit: int = 20) -> tuple[SettledTask, ...]:
    """What people settled last, the newest first; what settled itself is not among it."""
    wanted = (
        select(OrderTask, Order.public_id)
        .outerjoin(Order, Order.id == OrderTask.order_id)
        .where(OrderTask.closed_at.is_not(None), OrderTask.closed_by != SYSTEM.name)
        .order_by(OrderTask.closed_at.desc(), OrderTask.id.desc())
        .limit(limit)
    )
    return tuple(
        SettledTask(
            code=task.code,
            reference=task.reference,
            order=order,
            closed_at=task.closed_at,
            closed_by=task.closed_by or "",
            note=task.note,
        )
        for task, order in db.session.execute(wanted)
        if task.closed_at is not None
    )
