"""Links to an order's own page. A link in a mail proves itself; the bare address does not."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.core.crypto import keyring
from clinic.core.db import db
from clinic.payments.models import OrderStep
from clinic.payments.queries.orders import OrderSeen
from clinic.payments.rules.states import Status

PURPOSE = "order-link"
LASTS = timedelta(days=400)
"""How long a link opens an order at least: what is read a year later, for taxes or an insurer."""
LASTS_ON = timedelta(days=90)
"""How long it opens an order after the last that became of it."""
TO_COME = frozenset({Status.PROCESSING, Status.PAID, Status.SCHEDULED, Status.RECORDED})


def order_path(*, public_id: str, link_version: int) -> str:
    """The page of an order, with the proof that its holder was written to."""
    return (
        f"/gait/orders/{public_id}?key={order_key(public_id=public_id, link_version=link_version)}"
    )


def order_key(*, public_id: str, link_version: int) -> str:
    """What proves that somebody may see the order; raising its ``link_version`` ends older ones."""
    return keyring().mac(PURPOSE, f"{public_id}:{link_version}")


def opens_order(*, key: str, public_id: str, link_version: int) -> bool:
    """Whether the key is this order's."""
    if not (key.isascii() and key.isprintable()):
        return False
    return keyring().proves(PURPOSE, f"{public_id}:{link_version}", key)


def is_order_link_over(*, order: OrderSeen, now: datetime) -> bool:
    """Whether the order was over so long ago that neither a link nor its code opens it any more.

    What was bought and is still to come keeps its link: a paid session does not run out.
    """
    if order.created_at + LASTS >= now or _is_to_come(order):
        return False
    last = db.session.scalar(
        select(func.max(OrderStep.at)).where(OrderStep.order_id == order.order_id)
    )
    return last is None or last + LASTS_ON < now


def _is_to_come(order: OrderSeen) -> bool:
    is_bought = order.product is not None and order.is_entitled
    return is_bought and Status(order.status) in TO_COME
