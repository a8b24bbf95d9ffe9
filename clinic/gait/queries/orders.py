"""Products that are sold, and the visits behind their orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.gait.models import GaitOrder, Product
from clinic.payments.models import Order
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.scheduling.models import Appointment, Occurrence, Service
from clinic.scheduling.operations.paid_holds import find_held


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSeen:
    """A product as it is sold now."""

    slug: str
    name: str
    service: str
    minutes: int
    price_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitOrderSeen:
    """An order of a product with its visit: wished, held until a moment, or booked (``visit``)."""

    order: OrderSeen
    service: str
    wished_at: datetime | None
    practitioner: str | None
    state: str | None
    held_until: datetime | None
    visit: str | None
    visit_status: str | None
    starts_at: datetime | None


def list_products() -> tuple[ProductSeen, ...]:
    """What is sold now, in the clinic's order."""
    return _products(_on_sale())


def _on_sale() -> Select[Product, Service]:
    return (
        select(Product, Service)
        .join(Service, Service.id == Product.service_id)
        .where(Product.active, Product.retired_at.is_(None), Service.retired_at.is_(None))
        .order_by(Product.position, Product.id)
    )


def _products(wanted: Select[Product, Service]) -> tuple[ProductSeen, ...]:
    return tuple(
        ProductSeen(
            slug=product.slug,
            name=product.name,
            service=service.slug,
            minutes=service.minutes,
            price_cents=product.price_cents,
            currency=product.currency,
        )
        for product, service in db.session.execute(wanted)
    )


def get_gait_order(public_id: str, *, now: datetime) -> GaitOrderSeen:
    """The order with its visit. Raises NotFound, also for an order of something else."""
    order = get_order(public_id)
    wanted = (
        select(GaitOrder, Appointment, Occurrence.starts_at)
        .outerjoin(Appointment, Appointment.id == GaitOrder.appointment_id)
        .outerjoin(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(GaitOrder.order_id == order.order_id)
    )
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    bought, starts_at = row[0], row[2]
    appointment: Appointment | None = row[1]
    held = find_held(order=public_id, now=now)
    return GaitOrderSeen(
        order=order,
        service=bought.service,
        wished_at=bought.wished_at,
        practitioner=bought.wished_practitioner,
        state=bought.state,
        held_until=held.expires_at if held else None,
        visit=appointment.public_id if appointment is not None else None,
        visit_status=appointment.status if appointment is not None else None,
        starts_at=starts_at,
    )


def list_visits_of(orders: Sequence[str]) -> dict[str, str]:
    """Public ids of visits by the public ids of their orders."""
    wanted = (
        select(Order.public_id, Appointment.public_id)
        .join(GaitOrder, GaitOrder.order_id == Order.id)
        .join(Appointment, Appointment.id == GaitOrder.appointment_id)
        .where(Order.public_id.in_(orders))
    )
    return {row[0]: row[1] for row in db.session.execute(wanted)}
