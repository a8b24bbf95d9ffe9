"""Orders as the JSON API tells them."""

from typing import Any

from clinic.core.values import Actor
from clinic.payments.queries.money import RefundSeen
from clinic.payments.queries.orders import OrderSeen


def order_shown(
    order: OrderSeen, *, visit: str | None, actor: Actor, base_url: str
) -> dict[str, Any]:
    """An order; to staff with its sums and its visit (the public id, None before it is booked)."""
    shown: dict[str, Any] = {
        "id": order.public_id,
        "status": order.status,
        "payment": order.payment,
        "disputed": order.disputed,
        "tasks": list(order.tasks),
        "total_cents": order.total_cents,
        "currency": order.currency,
        "checkout_url": order.checkout_url,
        "story_url": f"{base_url}/gait/orders/{order.public_id}",
    }
    if not actor.is_staff:
        return shown
    return shown | {
        "paid_cents": order.paid_cents,
        "refunded_cents": order.refunded_cents,
        "appointment": visit,
        "product": order.product,
        "patient": {"id": order.patient},
    }


def refund_shown(refund: RefundSeen) -> dict[str, Any]:
    """A refund and how far it is."""
    return {"id": refund.public_id, "status": refund.status, "cents": refund.cents}
