"""The visit of a paid order is booked."""

from datetime import datetime

from clinic.core.db import db, transaction
from clinic.core.values import Actor
from clinic.gait.models import GaitOrder
from clinic.payments.models import Order
from clinic.payments.operations.orders import advance, lock_order
from clinic.payments.operations.refusals import OrderDisputed, WrongOrderState
from clinic.payments.operations.story import close_tasks
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.states import Status
from clinic.payments.rules.tasks import Task
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.booking import book_inside, in_new_looks
from clinic.scheduling.operations.paid_holds import let_hold_go, mark_sold
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import get_visit


def schedule_order(
    *,
    public_id: str,
    starts_at: datetime,
    practitioner: str | None = None,
    state: str | None = None,
    override_reason: str | None = None,
    actor: Actor,
    now: datetime,
) -> OrderSeen:
    """Book the visit of a paid order; at the same time again, nothing changes.

    ``state`` is where the patient will be during a visit by video: None for the one that was told
    when it was bought.
    Refusals as for ``book_appointment``, besides NotFound, WrongOrderState and, for patients,
    OrderDisputed.
    """
    bought = _bought(public_id)
    wish = Wish(
        service=bought.service,
        starts_at=starts_at,
        practitioner=practitioner,
        state=state or bought.state,
        override_reason=override_reason,
        sold=True,
    )
    return in_new_looks(
        book=lambda: _schedule(public_id=public_id, wish=wish, actor=actor, now=now),
        wish=wish,
        actor=actor,
        now=now,
    )


def _bought(public_id: str) -> GaitOrder:
    order = get_order(public_id)
    found = db.session.get(GaitOrder, order.order_id)
    if found is None:
        raise WrongOrderState
    return found


@transaction
def _schedule(*, public_id: str, wish: Wish, actor: Actor, now: datetime) -> OrderSeen:
    order = lock_order(public_id)
    bought = db.session.get_one(GaitOrder, order.id, populate_existing=True)
    if order.status == Status.SCHEDULED.value and _is_booked_so(bought, wish):
        return get_order(public_id)
    if order.status != Status.PAID.value or not get_order(public_id).is_entitled:
        raise WrongOrderState(order_status=order.status)
    if order.disputed and not actor.is_staff:
        raise OrderDisputed
    let_hold_go(order=public_id, now=now)
    db.session.flush()
    person = db.session.get_one(Patient, order.patient_id)
    visit = book_inside(wish=wish, person=lambda: person, actor=actor, now=now)
    bought.wished_at, bought.wished_practitioner = wish.starts_at, wish.practitioner
    bought.state = wish.state
    link_visit(order, bought, visit.appointment_id, actor=actor, now=now)
    return get_order(public_id)


def _is_booked_so(bought: GaitOrder, wish: Wish) -> bool:
    appointment = db.session.get(Appointment, bought.appointment_id or 0)
    if appointment is None:
        return False
    visit = get_visit(appointment.public_id)
    return visit.starts_at == wish.starts_at and wish.practitioner in {None, visit.practitioner}


def link_visit(
    order: Order, bought: GaitOrder, appointment_id: int, *, actor: Actor, now: datetime
) -> None:
    """Let a visit be the order's: scheduled, and nobody has to look any more."""
    bought.appointment_id = appointment_id
    mark_sold(appointment_id)
    db.session.flush()
    advance(order, Status.SCHEDULED, actor=actor, now=now)
    close_tasks(Task.PAID_UNBOOKED, order=order, actor=actor, now=now)
