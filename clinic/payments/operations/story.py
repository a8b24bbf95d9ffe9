"""Each step of an order: its append-only story and the audit trail. Tasks open and close here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, housekeeping, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row
from clinic.core.values import SYSTEM, Actor
from clinic.payments.models import Order, OrderStep, OrderTask
from clinic.payments.rules.tasks import Task

_KEY = "key"
LONGEST_NOTE = 1000


def add_step(
    order: Order,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    words: str | None = None,
) -> None:
    """Add a line to the story and to the audit trail, inside the running transaction.

    ``details`` hold numbers and codes only; what people typed are ``words``.
    """
    order.version += 1
    line = OrderStep(
        order_id=order.id,
        at=now,
        actor_kind=actor.kind,
        actor_name=actor.name,
        step=step,
        status=order.status,
        payment=order.payment,
        details=dict(details or {}),
    )
    line.words = words
    db.session.add(line)
    audit.record(
        action=f"order.{step}",
        actor=actor,
        now=now,
        subject=f"order:{order.public_id}",
        details=dict(details or {}),
    )


def open_task(
    code: Task,
    *,
    order: Order | None,
    now: datetime,
    reference: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Put something on a person's list; what is open there already stays as it is.

    ``reference`` tells tasks of one code apart, else the order does.
    """
    place = reference or (order.public_id if order else "")
    if _open_tasks(code, reference=place):
        return
    task = OrderTask(
        order_id=order.id if order else None,
        code=code.value,
        reference=place,
        details=dict(details or {}),
        opened_at=now,
    )
    db.session.add(task)
    db.session.flush()
    if order is not None:
        add_step(order, "task-opened", actor=SYSTEM, now=now, details={"task": code.value})


def close_tasks(
    code: Task, *, order: Order, actor: Actor, now: datetime, reference: str | None = None
) -> None:
    """Take a code of an order off the list, because what happened since has answered it."""
    for task in _open_tasks(code, order_id=order.id, reference=reference):
        task.closed_at, task.closed_by = now, actor.name
        add_step(order, "task-closed", actor=actor, now=now, details={"task": code.value})


@housekeeping
def note_refused_key(*, now: datetime) -> None:
    """Put it on a person's list that the payment service does not take our key.

    It is the clinic's own fault, so no order bears it.
    """
    open_task(Task.KEY_REFUSED, order=None, now=now, reference=_KEY)


def note_good_key(*, now: datetime) -> None:
    """Take it off the list again, inside the transaction of what the service has done for us."""
    drop_task(Task.KEY_REFUSED, reference=_KEY, now=now)


def drop_task(code: Task, *, reference: str, now: datetime) -> None:
    """Take what no order bears off the list, because what happened since has answered it."""
    for task in _open_tasks(code, reference=reference):
        task.closed_at, task.closed_by = now, SYSTEM.name


def _open_tasks(
    code: Task, *, order_id: int | None = None, reference: str | None = None
) -> list[OrderTask]:
    wanted = select(OrderTask).where(OrderTask.code == code.value, OrderTask.closed_at.is_(None))
    if order_id is not None:
        wanted = wanted.where(OrderTask.order_id == order_id)
    if reference is not None:
        wanted = wanted.where(OrderTask.reference == reference)
    return list(db.session.scalars(wanted.order_by(OrderTask.id)))


@transaction
def settle_task(*, public_id: str, note: str | None, actor: Actor, now: datetime) -> None:
    """A person has dealt with a task; doing it twice changes nothing.

    Who it was, when, and the note stay with it, and in the story of its order where there is one.
    Raises NotFound, and Invalid (``note``) for a task that no order bears without a word about it:
    nothing else would say what became of it.
    """
    task = lock_row(OrderTask, public_id)
    if task.closed_at is not None:
        return
    words = (note or "").strip()
    if len(words) > LONGEST_NOTE or not (words or task.order_id):
        raise Invalid({"note": ["Say how it was settled, in at most 1,000 characters."]})
    close_task(task, note=words or None, actor=actor, now=now)


def close_task(task: OrderTask, *, note: str | None, actor: Actor, now: datetime) -> None:
    """The same for a task that is locked, inside the running transaction."""
    task.closed_at, task.closed_by, task.note = now, actor.name, note
    details = {"task": task.code}
    if task.order_id is not None:
        order = db.session.get_one(Order, task.order_id)
        add_step(order, "task-closed", actor=actor, now=now, details=details, words=note)
        return
    subject = f"task:{task.public_id}"
    audit.record(action="task.settled", actor=actor, now=now, subject=subject, details=details)
