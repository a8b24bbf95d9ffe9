"""What visits cost, and what was paid for them: one query for any number of visits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, cast, literal, or_, select, union_all

from clinic.core.db import db
from clinic.desk.rules.money import OrderMoney, VisitMoney, settle
from clinic.gait.models import GaitOrder
from clinic.payments.models import Order
from clinic.payments.rules.states import UNPAID, Paid
from clinic.scheduling.models import Appointment, VisitCharge
from clinic.scheduling.queries.visits import Visit, list_named_visits
from clinic.scheduling.rules.costs import cost_of

GONE = ("cancelled", "expired")
MONEY_KINDS = frozenset({"bought", "asked", "charge"})
HAS_BEGUN = ("arrived", "checked-in", "fulfilled")
_COUNTS = or_(Order.status.not_in(GONE), Order.paid_cents > 0)
_MONEY = (
    (Order.total_cents, Order.paid_cents, Order.refunded_cents),
    (Order.payment, Order.currency),
)


def line(kind: str, key: Any, numbers: Sequence[Any], words: Sequence[Any]) -> tuple[Any, ...]:
    """Columns of one shape, for parts that are asked together."""
    return literal(kind).label("kind"), cast(key, String).label("key"), *numbers, *words


def money_parts(visits: Sequence[Visit]) -> tuple[Any, Any, Any]:
    """What to ask of the money of visits: orders that bought them, orders about them, charges."""
    idents = [one.appointment_id for one in visits]
    abouts = [about(one.public_id) for one in visits]
    bought = (
        select(*line("bought", Appointment.public_id, *_MONEY))
        .join(GaitOrder, GaitOrder.appointment_id == Appointment.id)
        .join(Order, Order.id == GaitOrder.order_id)
        .where(Appointment.id.in_(idents), Order.status.not_in(GONE))
    )
    asked = select(*line("asked", Order.about, *_MONEY)).where(Order.about.in_(abouts), _COUNTS)
    numbers = (VisitCharge.cents, VisitCharge.id, literal(0))
    charged = (
        select(*line("charge", Appointment.public_id, numbers, (literal(""), literal(""))))
        .join(VisitCharge, VisitCharge.appointment_id == Appointment.id)
        .where(Appointment.id.in_(idents))
    )
    return bought, asked, charged


def read_money(rows: Iterable[Any], visits: Sequence[Visit]) -> dict[str, VisitMoney]:
    """By public id, how each visit stands; visits that owe and paid nothing have no entry."""
    orders: dict[str, list[OrderMoney]] = defaultdict(list)
    charges: dict[str, tuple[int, int]] = {}
    for kind, key, first, second, third, payment, _currency in rows:
        ident = key.partition(":")[2] or key
        if kind == "charge":
            charges[ident] = max(charges.get(ident, (0, 0)), (second, first))
        else:
            found = OrderMoney(first, second, third, payment, is_bought=kind == "bought")
            orders[ident].append(found)
    settled = {}
    for one in visits:
        charged = charges.get(one.public_id)
        cost = cost_of(
            status=one.status,
            agreed_cents=one.agreed_cents,
            charged_cents=charged[1] if charged else None,
        )
        money = settle(cost_cents=cost, orders=orders.get(one.public_id, ()))
        if money is not None:
            settled[one.public_id] = money
    return settled


def list_visit_money(visits: Sequence[Visit]) -> Mapping[str, VisitMoney]:
    """By public id, how each visit stands; one query."""
    if not visits:
        return {}
    return read_money(db.session.execute(union_all(*money_parts(visits))), visits)


def list_owing(*, patient_id: int) -> tuple[tuple[Visit, VisitMoney], ...]:
    """A patient's visits that began and for which something is left to pay, the latest first."""
    wanted = (
        select(Appointment.public_id)
        .outerjoin(VisitCharge, VisitCharge.appointment_id == Appointment.id)
        .where(
            Appointment.patient_id == patient_id,
            or_(
                VisitCharge.id.is_not(None),
                Appointment.status.in_(HAS_BEGUN) & (Appointment.price_cents > 0),
            ),
        )
        .distinct()
    )
    visits = list_named_visits(list(db.session.scalars(wanted)))
    money = list_visit_money(visits)
    owing = [
        (one, money[one.public_id])
        for one in reversed(visits)
        if one.public_id in money
        and money[one.public_id].left_cents
        and not money[one.public_id].is_bought
        and one.status != "booked"
    ]
    return tuple(owing)


def find_open_order(visit: str) -> tuple[str, int] | None:
    """The order that asks for money for a visit by a link: its public id and its cents."""
    wanted = select(Order.public_id, Order.total_cents).where(
        Order.about == about(visit),
        Order.status.in_([status.value for status in UNPAID]),
        Order.payment.in_((Paid.UNPAID.value, Paid.PENDING.value)),
    )
    row = db.session.execute(wanted.order_by(Order.id.desc()).limit(1)).one_or_none()
    return (row[0], row[1]) if row else None


def about(visit: str) -> str:
    """By what an order names a visit."""
    return f"appointment:{visit}"
