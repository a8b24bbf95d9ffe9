"""Who may see an order in this browser: whoever bought it here, was written to, or signed in."""

from flask import session

from clinic.core.values import Actor
from clinic.payments.queries.orders import OrderSeen
from clinic.web.access import signed_in_household

ORDERS = "orders"
MOST_ORDERS = 12
LONGEST_ACTOR = 200


def remember_order(public_id: str) -> None:
    """Let this browser see the order until its session ends."""
    known = [one for one in _known() if one != public_id]
    session[ORDERS] = [public_id, *known][:MOST_ORDERS]


def may_see(order: OrderSeen) -> bool:
    """Whether this browser bought the order, proved it, or is signed in as its patient's family."""
    if order.public_id in _known():
        return True
    household = signed_in_household()
    return household is not None and household.find(order.patient) is not None


def buyer(order: OrderSeen) -> Actor:
    """Who acts on an order's page: the patient, or whoever of the family is signed in."""
    household = signed_in_household()
    kin = household.find(order.patient) if household else None
    if household is not None and kin is not None:
        return household.actor(kin)
    return Actor(kind="patient", name=order.name[:LONGEST_ACTOR], id=order.patient)


def _known() -> list[str]:
    found = session.get(ORDERS)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
