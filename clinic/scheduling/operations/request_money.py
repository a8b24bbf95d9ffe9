"""Money that was paid for a visit request: it goes back when the clinic declines."""

from datetime import datetime

from flask_babel import gettext as _

from clinic.core.values import Actor
from clinic.payments.operations.money import left_of
from clinic.payments.operations.orders import lock_order
from clinic.payments.operations.returned import reserve_refund
from clinic.payments.queries.orders import find_order_about

ABOUT = "visit-request:"
"""How an order names the request that it pays for."""


def give_back_for(*, request: str, actor: Actor, now: datetime) -> None:
    """Reserve all that is left of what was paid for a request (public id), to be given back.

    Inside the transaction that declines it, so that both are so or neither. Declining again, or
    once more after it was taken up again, finds nothing left: the money goes back once. The
    payments' worker sends for it; what was paid at the desk is given back there and then.
    """
    found = find_order_about(f"{ABOUT}{request}")
    if found is None:
        return
    order = lock_order(found.public_id)
    for left in left_of(order):
        if left.cents > 0:
            reserve_refund(
                order,
                cents=left.cents,
                reason=_("The request was declined."),
                source="policy",
                actor=actor,
                now=now,
            )
