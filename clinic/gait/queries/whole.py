"""One order with all that belongs to it."""

from dataclasses import dataclass
from datetime import datetime

from clinic.core.errors import NotFound
from clinic.documents.queries import StoredDocument, list_documents
from clinic.documents.rules import Kind
from clinic.gait.queries.codes import order_code
from clinic.gait.queries.orders import GaitOrderSeen, get_gait_order
from clinic.payments.queries.money import (
    PaymentSeen,
    ReceiptSeen,
    RefundSeen,
    list_payments,
    list_receipts,
    list_refunds,
)
from clinic.payments.queries.orders import OrderSeen
from clinic.payments.rules.states import Status
from clinic.scheduling.queries.visits import Visit, get_visit


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeOrder:
    """An order, what was bought, its visit, money and documents."""

    order: OrderSeen
    bought: GaitOrderSeen | None
    visit: Visit | None
    payments: tuple[PaymentSeen, ...]
    refunds: tuple[RefundSeen, ...]
    receipts: tuple[ReceiptSeen, ...]
    reports: tuple[StoredDocument, ...]
    lab_files: tuple[StoredDocument, ...]
    code: str


def get_whole_order(order: OrderSeen, *, now: datetime) -> WholeOrder:
    """Everything about an order. ``reports`` are there whether or not they were released.

    ``lab_files`` are the lab's own recordings and tables, released with the reports.
    """
    bought, kept = _bought(order, now), list_kept(order)
    return WholeOrder(
        order=order,
        bought=bought,
        visit=get_visit(bought.visit) if bought and bought.visit else None,
        payments=list_payments(order.public_id),
        refunds=list_refunds(order.public_id),
        receipts=list_receipts(order.public_id),
        reports=tuple(one for one in kept if one.kind is Kind.GAIT_REPORT),
        lab_files=tuple(one for one in kept if one.kind is Kind.GAIT_DATA),
        code=order_code(order),
    )


def list_kept(order: OrderSeen) -> tuple[StoredDocument, ...]:
    """The reports and files that the lab handed in for an order, the oldest first."""
    found = list_documents(about=f"order:{order.public_id}")
    return tuple(one for one in found if one.kind in {Kind.GAIT_REPORT, Kind.GAIT_DATA})


def is_released(order: OrderSeen) -> bool:
    """Whether the buyer may read the reports."""
    return order.status == Status.RELEASED


def _bought(order: OrderSeen, now: datetime) -> GaitOrderSeen | None:
    if order.product is None:
        return None
    try:
        return get_gait_order(order.public_id, now=now)
    except NotFound:
        return None
