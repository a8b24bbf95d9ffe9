"""What is left to pay for an ordinary visit is asked for."""

from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden
from clinic.core.values import Actor, Role
from clinic.gait.operations.orders import LINK_LASTS
from clinic.payments.operations.orders import NewOrder, add_order
from clinic.payments.operations.refusals import NothingOwed
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.orders import OrderSeen, find_order_about, get_order
from clinic.payments.rules.states import UNPAID, Kind, Status
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Clinic
from clinic.scheduling.queries.visits import get_visit


@transaction
def request_balance(*, appointment: str, cents: int, actor: Actor, now: datetime) -> OrderSeen:
    """Ask for what is left to pay for an ordinary visit, by a link that is mailed.

    ``cents`` are of the clinic's currency. While one is open, the same is answered. Raises
    NotFound, NothingOwed for none or less, and Forbidden for who takes no money at the desk.
    """
    if actor.role not in {Role.ADMIN, Role.FRONT_DESK}:
        raise Forbidden
    visit = get_visit(appointment)
    if cents <= 0:
        raise NothingOwed
    about = f"appointment:{appointment}"
    known = find_order_about(about)
    if known is not None and Status(known.status) in UNPAID:
        return known
    appointed = db.session.get_one(Appointment, visit.appointment_id)
    person = db.session.get_one(Patient, appointed.patient_id)
    order = add_order(
        NewOrder(
            kind=Kind.BALANCE,
            title=visit.service_name,
            patient_id=person.id,
            email=person.email,
            total_cents=cents,
            currency=db.session.scalars(select(Clinic.currency)).one(),
            expires_at=now + LINK_LASTS,
            about=about,
            is_link=True,
        ),
        actor=actor,
        now=now,
    )
    tell_buyer("order-link", order, actor=actor, now=now)
    return get_order(order.public_id)
