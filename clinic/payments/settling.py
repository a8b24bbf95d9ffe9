"""Reading from the payment service what became of an order, and letting the order be that.

``fulfil`` is the one way for the return page, the worker and the reconciler.
"""

from contextlib import suppress
from datetime import datetime

from clinic.core.errors import NotFound
from clinic.payments.gateway import NotThere, Patience, gateway
from clinic.payments.operations.applying import Applied, Told, apply_told
from clinic.payments.queries.attempts import has_unsettled_refund
from clinic.payments.queries.orders import OrderSeen, find_order_of_session, get_order


class Foreign(Exception):
    """The page belongs to no order of ours, or names another; ``args`` say why."""


def fulfil(
    *, session_id: str, now: datetime, patience: Patience = Patience.PERSON
) -> OrderSeen | None:
    """Ask what became of a page that we opened, and let its order be that; however often.

    None for a page that is none of ours: the payment service is not asked then. Raises
    PaymentUnavailable.
    """
    order = find_order_of_session(session_id)
    if order is None:
        return None
    with suppress(Foreign, NotThere):
        settle_session(session_id=session_id, now=now, patience=patience)
    return get_order(order.public_id)  # what was bought may have been booked after the commit


def settle_session(
    *, session_id: str, now: datetime, patience: Patience, thorough: bool = False
) -> Applied:
    """The same for a page that may be unknown here, by the order that it names.

    Raises Foreign, NotThere, PaymentUnavailable.
    """
    told = read_told(session_id, patience=patience, thorough=thorough)
    return apply_told(public_id=order_of(told), told=told, now=now)


def read_told(
    session_id: str, *, patience: Patience, thorough: bool = False, has_failed: bool = False
) -> Told:
    """What the payment service says of a page; ``thorough``: of refunds and disputes in any case.

    Raises NotThere, PaymentUnavailable.
    """
    service = gateway()
    facts = service.get_session(session_id, patience=patience)
    charge = facts.intent.charge if facts.intent else None
    refunds = disputes = None
    if facts.intent_id is not None and charge is not None:
        wanted = thorough or has_unsettled_refund(session_id)
        if wanted or charge.refunded_cents > 0:
            refunds = tuple(service.list_refunds(intent_id=facts.intent_id, patience=patience))
        if thorough or charge.is_disputed:
            disputes = tuple(service.list_disputes(intent_id=facts.intent_id, patience=patience))
    return Told(session=facts, refunds=refunds, disputes=disputes, has_failed=has_failed)


def order_of(told: Told) -> str:
    """The public id of the order that a page is about. Raises Foreign.

    The order that we opened it for; where the answer to that never came, the one it names. A page
    that names another order than it was opened for is nobody's.
    """
    facts = told.session
    if facts.is_live is not gateway().is_live:
        raise Foreign("livemode")
    known = find_order_of_session(facts.session_id)
    if known is not None:
        if facts.orders - {known.public_id}:
            raise Foreign("another order")
        return known.public_id
    if len(facts.orders) != 1:
        raise Foreign("no order")
    try:
        return get_order(next(iter(facts.orders))).public_id
    except NotFound:
        raise Foreign("unknown order") from None
