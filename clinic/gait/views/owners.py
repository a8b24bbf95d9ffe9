"""Who may see an order in this browser: whoever bought it here, was written to, or signed in.

A browser knows an order for a month. Phones keep what others forget when they are closed, and are
lent, shared and sold; the link in the message, or the code, opens the order again.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import session

from clinic.core.clock import now
from clinic.core.values import Actor
from clinic.payments.queries.orders import OrderSeen
from clinic.web.access import signed_in_household

ORDERS = "orders"
MOST_ORDERS = 12
PARTS = 3
KNOWN_FOR = timedelta(days=30)
LONGEST_ACTOR = 200


@dataclass(frozen=True, slots=True)
class _Known:
    """An order this browser proved to be its own: by which links, and when (in seconds)."""

    public_id: str
    link_version: int
    at: int

    def opens(self, order: OrderSeen) -> bool:
        is_it = (self.public_id, self.link_version) == (order.public_id, order.link_version)
        return is_it and now().timestamp() < self.at + KNOWN_FOR.total_seconds()


def remember_order(order: OrderSeen) -> None:
    """Let this browser see the order for a month, or until links to it were made anew."""
    known = [one for one in _known() if one.public_id != order.public_id]
    newest = _Known(order.public_id, order.link_version, int(now().timestamp()))
    kept = [newest, *known][:MOST_ORDERS]
    session[ORDERS] = [[one.public_id, one.link_version, one.at] for one in kept]


def may_see(order: OrderSeen) -> bool:
    """Whether this browser bought the order, proved it, or is signed in as its patient's family."""
    if any(one.opens(order) for one in _known()):
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


def _known() -> list[_Known]:
    found = session.get(ORDERS)
    rows = found if isinstance(found, list) else []
    return [_Known(*row) for row in rows if isinstance(row, list) and len(row) == PARTS]
