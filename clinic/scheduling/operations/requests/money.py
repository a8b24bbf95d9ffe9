"""Money that was paid for a visit request: it goes back when the clinic declines."""

from datetime import datetime

from flask_babel import gettext as _

from clinic.core.values import Actor
from clinic.payments.queries.orders import find_order_about
from clinic.payments.refunding import call_off

ABOUT = "visit-request:"
"""How an order names the request that it pays for."""


def give_back_for(*, request: str, actor: Actor, now: datetime) -> None:
    """End the order that pays for a request (public id), inside the transaction that declines it.

    Both are so or neither. Declining again, or once more after it was taken up again, finds the
    order ended: the money goes back once.
    """
    found = find_order_about(f"{ABOUT}{request}")
    if found is not None:
        call_off(
            order_id=found.public_id, reason=_("The request was declined."), actor=actor, now=now
        )
