"""What happens to the visit when the money comes or goes, and to the order when the visit does.

Tied to the hooks of payments and scheduling; all of it runs inside their transactions.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import after_commit, db, insert_now
from clinic.core.errors import Refusal
from clinic.core.values import SYSTEM, Actor, ActorKind
from clinic.gait.models import GaitOrder
from clinic.gait.operations.scheduling import link_visit, schedule_order
from clinic.payments.models import Order
from clinic.payments.operations.orders import advance, lock_order
from clinic.payments.operations.story import add_step, close_tasks, open_task
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.refunding import cancel_paid
from clinic.payments.rules.states import GRANTED, Status
from clinic.payments.rules.tasks import Task
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, AppointmentChange, Occurrence
from clinic.scheduling.operations.paid_holds import keep_hold, let_hold_go, seat_held
from clinic.scheduling.operations.steps import step_inside
from clinic.scheduling.rules.status import Action

log = logging.getLogger(__name__)
FOLLOWED = frozenset({"moved", "cancelled", "undone"})
KEPT_FOR = timedelta(days=21)
"""How long a bank may take, at the most, while a time stays held."""


def book_paid(public_id: str, is_wanted: bool, now: datetime) -> None:
    """An order was paid: its held time becomes the visit.

    Where the time was no longer held it is tried to be booked right after; until then, and when it
    is gone, the order stands on a person's list. The mail that the money is here says when it is
    sent whether a time is still to be chosen.
    """
    order = lock_order(public_id)
    bought = db.session.get(GaitOrder, order.id)
    if bought is None or not is_wanted:
        return
    if bought.wished_at is None:
        return
    person = db.session.get_one(Patient, order.patient_id)
    appointment = seat_held(order=public_id, patient=person, now=now)
    if appointment is not None:
        link_visit(order, bought, appointment.id, actor=SYSTEM, now=now)
        return
    let_hold_go(order=public_id, now=now)
    open_task(Task.PAID_UNBOOKED, order=order, now=now)
    wished_at, practitioner = bought.wished_at, bought.wished_practitioner
    after_commit(lambda: _try_wished(public_id, wished_at, practitioner, now))


def _try_wished(
    public_id: str, starts_at: datetime, practitioner: str | None, now: datetime
) -> None:
    """Book the wished time after all, if it is still free."""
    try:
        schedule_order(
            public_id=public_id,
            starts_at=starts_at,
            practitioner=practitioner,
            actor=SYSTEM,
            now=now,
        )
    except Refusal as refusal:
        log.info("a paid time is gone: %s", refusal.code)
    except Exception as error:  # noqa: BLE001 - the money is on record, and a task says the rest
        log.warning("a paid time could not be booked: %s", type(error).__name__)


def keep_time(public_id: str, now: datetime) -> None:
    """The bank takes days: the wished time stays held meanwhile."""
    keep_hold(order=public_id, until=now + KEPT_FOR, now=now)


def free_time(public_id: str, now: datetime) -> None:
    """No money came: the wished time is free."""
    let_hold_go(order=public_id, now=now)


def cancel_visit(public_id: str, now: datetime) -> None:
    """A paid order was cancelled: so is its visit, if it is still to come."""
    let_hold_go(order=public_id, now=now)
    appointment = _visit_of(lock_order(public_id).id)
    if appointment is None or appointment.status in {"cancelled", "noshow", "fulfilled"}:
        return
    step_inside(public_id=appointment.public_id, action=Action.CANCEL, actor=SYSTEM, now=now)


def _visit_of(order_id: int) -> Appointment | None:
    wanted = (
        select(Appointment)
        .join(GaitOrder, GaitOrder.appointment_id == Appointment.id)
        .where(GaitOrder.order_id == order_id)
    )
    return db.session.scalars(wanted).one_or_none()


def follow_visit(appointment: str, step: str) -> None:
    """What becomes of a bought visit: moved, it costs nothing more; cancelled, the rule holds.

    A patient who cancels gets the rule's share back and the order is over. When the clinic cancels,
    the order is paid and unbooked again, for a person to rebook or to give the money back.
    """
    if step not in FOLLOWED:
        return
    wanted = (
        select(Order, Occurrence.starts_at, Appointment.id)
        .join(GaitOrder, GaitOrder.order_id == Order.id)
        .join(Appointment, Appointment.id == GaitOrder.appointment_id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(Appointment.public_id == appointment)
    )
    db.session.flush()
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        return
    order = lock_order(row[0].public_id)
    actor, at = who_stepped(row[2])
    if step == "moved":
        add_step(order, "visit-moved", actor=actor, now=at)
    elif step == "cancelled":
        _visit_cancelled(order, actor, at, notice=row[1] - at)
    elif step == "undone":
        _visit_undone(order, row[2], actor, at)


def who_stepped(appointment_id: int) -> tuple[Actor, datetime]:
    """Who took the visit's last step, and when: it is written in this very transaction."""
    insert_now()
    wanted = select(AppointmentChange).where(AppointmentChange.appointment_id == appointment_id)
    last = db.session.scalars(wanted.order_by(AppointmentChange.id.desc()).limit(1)).one()
    return Actor(kind=_kind(last.actor_kind), name=last.actor_name), last.at


def _kind(text: str) -> ActorKind:
    kinds: tuple[ActorKind, ...] = ("public", "patient", "staff", "token")
    return next((kind for kind in kinds if kind == text), "system")


def _visit_cancelled(order: Order, actor: Actor, at: datetime, *, notice: timedelta) -> None:
    if order.status != Status.SCHEDULED.value:
        return
    if actor.kind in {"public", "patient"}:
        cancel_paid(order_id=order.public_id, actor=actor, now=at, notice=notice)
        return
    advance(order, Status.PAID, actor=actor, now=at, details={"visit": "cancelled"})
    open_task(Task.PAID_UNBOOKED, order=order, now=at)
    tell_buyer("order-choose-time", order, actor=actor, now=at)


def _visit_undone(order: Order, appointment_id: int, actor: Actor, at: datetime) -> None:
    """A cancellation was taken back: the order is scheduled again, or somebody must look."""
    appointment = db.session.get_one(Appointment, appointment_id)
    if appointment.status in {"cancelled", "noshow"}:
        return
    if order.status == Status.PAID.value:
        advance(order, Status.SCHEDULED, actor=actor, now=at)
        close_tasks(Task.PAID_UNBOOKED, order=order, actor=actor, now=at)
    elif Status(order.status) not in GRANTED:
        open_task(Task.VISIT_WITHOUT_PAYMENT, order=order, now=at)
